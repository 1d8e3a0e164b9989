package keymap

func whoKeys() Table {
	return Table{
		{Back, []string{"esc", "backspace", "w"}, Helpers, "back to the page", "esc back"},
		{CopyEscalation, []string{"y"}, Helpers, "copy the text to ask for help with", "y copy the text"},
	}
}
