package company

import (
	_ "embed"
	"strings"
)

// One host name per line, lower case, in punycode; # begins a comment.
var (
	//go:embed freemail.txt
	freeMailText string
	//go:embed disposable.txt
	disposableText string
)

// lists is built once, before main; some 40 µs.
var lists = func() map[string]Class {
	m := make(map[string]Class, 1024)
	read(m, freeMailText, FreeMail)
	read(m, disposableText, Disposable)
	return m
}()

func read(m map[string]Class, text string, c Class) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			m[line] = c
		}
	}
}
