package enrich

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"handoff/shared/company"
)

// Columns is the header of a dataset in full. Only domain is mandatory; the order is free. domain is registrable, in
// lower case; employees and revenue (a year's, in US dollars) are whole numbers; technologies are parted by semicolons.
var Columns = append([]string{"domain"}, Fields...)

// ErrDataset is wrapped by errors about a dataset's content.
var ErrDataset = errors.New("invalid dataset of companies")

// Dataset is a provider that knows the companies of a CSV file. It is never changed.
type Dataset struct{ companies map[string]map[string]string }

// maxProblems is how many lines an error names.
const maxProblems = 20

// ReadDataset reads a CSV file with a header of Columns. The error names every line that is wrong, up to 20.
func ReadDataset(r io.Reader) (*Dataset, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: no header: %w; the first line names the columns, of %s", ErrDataset, err, strings.Join(Columns, ","))
	}
	header = slices.Clone(header)
	var problems []error
	for i, name := range header {
		header[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if !slices.Contains(Columns, header[i]) {
			problems = append(problems, fmt.Errorf("line 1: there is no column %q; the columns are %s", name, strings.Join(Columns, ",")))
		} else if slices.Contains(header[:i], header[i]) {
			problems = append(problems, fmt.Errorf("line 1: the column %s is there twice", header[i]))
		}
	}
	if !slices.Contains(header, "domain") {
		problems = append(problems, errors.New("line 1: the column domain is missing"))
	}
	d := &Dataset{companies: map[string]map[string]string{}}
	for len(problems) == 0 || len(problems) < maxProblems && slices.Contains(header, "domain") {
		record, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			problems = append(problems, err) // names the line; the rest cannot be read
			break
		}
		line, _ := in.FieldPos(0)
		if err := d.add(header, record); err != nil {
			problems = append(problems, fmt.Errorf("line %d: %w", line, err))
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %w", ErrDataset, errors.Join(problems...))
	}
	return d, nil
}

// OpenDataset reads the dataset in a file.
func OpenDataset(path string) (*Dataset, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the dataset of companies: %w", err)
	}
	defer f.Close()
	d, err := ReadDataset(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

func (d *Dataset) add(header, record []string) error {
	if len(record) != len(header) {
		return fmt.Errorf("%d values for %d columns", len(record), len(header))
	}
	domain := ""
	fields := make(map[string]string, len(record))
	for i, name := range header {
		if name == "domain" {
			domain = strings.TrimSpace(record[i])
			continue
		}
		v, given := usable(name, record[i])
		if v == "" && given {
			return fmt.Errorf("%s is %q; write a whole number or leave it empty", name, record[i])
		}
		if v != "" {
			fields[name] = strings.Clone(v) // not the whole line
		}
	}
	if reg, ok := company.Domain(domain); !ok || reg != domain {
		if ok {
			return fmt.Errorf("domain is %q; write %s, the registrable domain in lower case", domain, reg)
		}
		return fmt.Errorf("domain is %q, which is no registrable domain", domain)
	}
	if _, taken := d.companies[domain]; taken {
		return fmt.Errorf("%s is there twice; keep one line", domain)
	}
	d.companies[strings.Clone(domain)] = fields
	return nil
}

// Len is how many companies the dataset knows.
func (d *Dataset) Len() int { return len(d.companies) }

// Lookup implements Provider.
func (d *Dataset) Lookup(_ context.Context, domain string) (map[string]string, bool, error) {
	fields, ok := d.companies[domain]
	return fields, ok, nil
}
