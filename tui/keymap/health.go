package keymap

func healthKeys() Table {
	return Table{
		{Open, []string{"enter"}, Health, "show, hide what the signal measures and its query", "enter its query"},
		{Filter, []string{"/"}, Health, "filter the alerts", ""},
		{CopyQuery, []string{"y"}, Health, "copy the signal's query", "y copy the query"},
	}
}
