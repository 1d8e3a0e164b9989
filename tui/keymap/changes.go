package keymap

func changesKeys() Table {
	return Table{
		{Open, []string{"enter"}, Changes, "open it: commits, instances, rollback", "enter open"},
		{Filter, []string{"/"}, Changes, "filter the changes", ""},
		{CopyCommand, []string{"y"}, Changes, "copy the step's command", ""},
		{CopySource, []string{"Y"}, Changes, "copy it exactly as written", ""},
	}
}

func timelineKeys() Table {
	return Table{
		{Back, []string{"esc", "backspace", "d"}, Timeline, "back to the page", "esc back"},
		{Open, []string{"enter"}, Timeline, "open it: commits, instances, rollback", "enter open"},
		{Filter, []string{"/"}, Timeline, "filter the changes", "/ filter"},
		{Wider, []string{"<"}, Timeline, "look further back", "< > time range"},
		{Narrower, []string{">"}, Timeline, "look closer", ""},
		{OpenLink, []string{"o"}, Timeline, "open its link in the browser", "o browser"},
		{CopyRollback, []string{"y"}, Timeline, "its rollback, from the runbook", "y rollback"},
	}
}

func changeKeys() Table {
	return Table{
		{Back, []string{"esc", "backspace", "d"}, Change, "back", "esc back"},
		{CopyRollback, []string{"y"}, Change, "copy its rollback; nothing is run", "y copy the rollback"},
		{OpenLink, []string{"o"}, Change, "open its link in the browser", "o browser"},
	}
}
