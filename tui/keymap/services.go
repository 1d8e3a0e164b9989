package keymap

func servicesKeys() Table {
	return Table{
		{Back, []string{"esc", "backspace"}, Services, "clear the filter, back", "esc back"},
		{Open, []string{"enter"}, Services, "open it: signals, alerts, changes, owner", "enter open"},
		{Filter, []string{"/"}, Services, "filter the services", "/ filter"},
	}
}

func serviceKeys() Table {
	return Table{
		{Back, []string{"esc", "backspace"}, Service, "back to every service", "esc back"},
		{Open, []string{"enter"}, Service, "show, hide what the signals measure and their queries", "enter the queries"},
	}
}
