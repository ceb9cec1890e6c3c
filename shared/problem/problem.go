// Package problem is how the parts of a policy or a source contract report what is wrong with their YAML: a path that
// the loader turns into file and line, and a sentence that says what to do.
package problem

import "fmt"

// Problem is one thing wrong.
type Problem struct {
	Path string // YAML path inside the file: $.plays[2].team
	Text string // a sentence: what is wrong and what to do
}

// List collects problems, so that a person sees all at once.
type List []Problem

// Add appends one.
func (l *List) Add(path, format string, args ...any) {
	*l = append(*l, Problem{Path: path, Text: fmt.Sprintf(format, args...)})
}
