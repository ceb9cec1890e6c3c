package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// lineWidth is what every line of the command keeps to: a terminal as it opens.
const lineWidth = 80

// gap stands between columns.
const gap = "  "

// column is one column of a grid.
type column struct {
	head  string
	right bool // numbers, so that their digits stand below each other
	flex  bool // gives way, down to eight cells, where the line gets too long; the others never do
}

// grid is a table that never gets wider than the line: what does not fit ends in an ellipsis. A row may have notes, full
// sentences that follow it on lines of their own.
type grid struct {
	columns []column
	rows    [][]string
	notes   [][]string
	foot    []string
	indent  int
	airy    bool // an empty line between rows
}

func (g *grid) add(cells ...string) {
	for i := range cells {
		cells[i] = oneLine(cells[i])
	}
	g.rows, g.notes = append(g.rows, cells), append(g.notes, nil)
}

// note adds sentences below the last row.
func (g *grid) note(lines ...string) {
	g.notes[len(g.notes)-1] = append(g.notes[len(g.notes)-1], lines...)
}

// drop takes out the columns that say nothing in any row.
func (g *grid) drop() {
	for i := len(g.columns) - 1; i >= 0; i-- {
		if len(g.rows) == 0 || slices.ContainsFunc(g.rows, func(r []string) bool { return r[i] != "" }) {
			continue
		}
		g.columns = slices.Delete(g.columns, i, i+1)
		for j := range g.rows {
			g.rows[j] = slices.Delete(g.rows[j], i, i+1)
		}
		if g.foot != nil {
			g.foot = slices.Delete(g.foot, i, i+1)
		}
	}
}

// widths finds how wide each column may be.
func (g *grid) widths() []int {
	w := make([]int, len(g.columns))
	total := g.indent + len(gap)*(len(w)-1)
	rows := append([][]string{g.heads()}, g.rows...)
	if g.foot != nil {
		rows = append(rows, g.foot)
	}
	for i := range w {
		for _, r := range rows {
			w[i] = max(w[i], text.StringWidth(r[i]))
		}
		total += w[i]
	}
	const least = 8
	for ; total > lineWidth; total-- { // from the widest that gives way, cell by cell
		at := -1
		for i, c := range g.columns {
			if c.flex && w[i] > least && (at < 0 || w[i] > w[at]) {
				at = i
			}
		}
		if at < 0 {
			break
		}
		w[at]--
	}
	for i := range w { // nothing gives way any more: the last columns pay, so that the line holds
		over := total - lineWidth
		if at := len(w) - 1 - i; over > 0 {
			cut := min(over, max(0, w[at]-1))
			w[at] -= cut
			total -= cut
		}
	}
	return w
}

func (g *grid) heads() []string {
	out := make([]string, len(g.columns))
	for i, c := range g.columns {
		out[i] = c.head
	}
	return out
}

// print writes the grid, less the columns that are empty throughout. Lines carry no space at their end.
func (g *grid) print(w io.Writer) {
	g.drop()
	t := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.Options{SeparateHeader: true, SeparateFooter: true}
	style.Box = table.BoxStyle{MiddleHorizontal: "─", PaddingRight: gap}
	style.Format = table.FormatOptions{}
	t.SetStyle(style)
	widths := g.widths()
	var configs []table.ColumnConfig
	for i, c := range g.columns {
		align := text.AlignLeft
		if c.right {
			align = text.AlignRight
		}
		configs = append(configs, table.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align, AlignFooter: align, WidthMin: widths[i], WidthMax: widths[i],
			WidthMaxEnforcer: clip})
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(row(g.heads()))
	for _, r := range g.rows {
		t.AppendRow(row(r))
	}
	if g.foot != nil {
		t.AppendFooter(row(g.foot))
	}
	pad := strings.Repeat(" ", g.indent)
	for i, line := range strings.Split(t.Render(), "\n") {
		if strings.HasPrefix(line, "─") { // a rule also runs below the gap after the last column
			line = strings.TrimSuffix(line, strings.Repeat("─", len(gap)))
		}
		fmt.Fprintln(w, strings.TrimRight(pad+strings.TrimRight(line, " "), " "))
		n := i - 2 // head and rule come first
		if n < 0 || n >= len(g.rows) {
			continue
		}
		for _, s := range g.notes[n] {
			para(w, g.indent+4, s)
		}
		if g.airy && n < len(g.rows)-1 {
			fmt.Fprintln(w)
		}
	}
}

func row(cells []string) table.Row {
	out := make(table.Row, len(cells))
	for i, c := range cells {
		out[i] = c
	}
	return out
}

// title opens a section.
func title(w io.Writer, name, aside string) {
	line := "── " + clip(oneLine(name), lineWidth-4) + " "
	if aside = strings.TrimSpace(oneLine(aside)); aside != "" {
		aside = " " + aside + " ──"
	}
	fill := lineWidth - text.StringWidth(line) - text.StringWidth(aside)
	if fill < 2 {
		aside, fill = "", max(0, lineWidth-text.StringWidth(line))
	}
	fmt.Fprintf(w, "\n%s%s%s\n", line, strings.Repeat("─", fill), aside)
}

// para writes sentences, wrapped at the line's width; later lines stand as far in as the first.
func para(w io.Writer, indent int, s string) {
	pad := strings.Repeat(" ", indent)
	line := ""
	for _, word := range strings.Fields(oneLine(s)) {
		for text.StringWidth(word) > lineWidth-indent {
			if line != "" {
				fmt.Fprintln(w, pad+line)
			}
			head := text.Trim(word, lineWidth-indent)
			fmt.Fprintln(w, pad+head)
			word, line = word[len(head):], ""
		}
		switch {
		case line == "":
			line = word
		case text.StringWidth(line)+1+text.StringWidth(word) > lineWidth-indent:
			fmt.Fprintln(w, pad+line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		fmt.Fprintln(w, pad+line)
	}
}

// headline writes a name on the left and a figure on the right.
func headline(w io.Writer, name, figure string) {
	fill := lineWidth - text.StringWidth(name) - text.StringWidth(figure)
	fmt.Fprintf(w, "%s%s%s\n", name, strings.Repeat(" ", max(1, fill)), figure)
}
