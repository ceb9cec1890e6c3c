package condition

// Words are the words of a text as has_any_of compares them: runs of letters and digits, in lower case, plural taken off.
func Words(s string) []string { return newPhrase(s).words }
