package keymap

func whyKeys() Table {
	return Table{
		{Open, []string{"enter"}, Why, "the whole rule, and back", "enter whole rule"},
		{Wider, []string{"<"}, Why, "look further back", "< > time range"},
		{Narrower, []string{">"}, Why, "look closer", ""},
		{CopyQuery, []string{"y"}, Why, "copy the rule's query", "y query"},
		{Filter, []string{"/"}, Why, "filter the alerts", ""},
	}
}
