package generate

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// CompaniesFile is the enrichment dataset's name in a journey's folder. About 85 in 100 business domains have a row.
const CompaniesFile = "companies.csv"

// CompaniesHeader is its first line. employees and revenue (US dollars a year) are whole numbers, technologies are
// separated by semicolons.
var CompaniesHeader = []string{"domain", "name", "industry", "employees", "country", "region", "revenue", "technologies"}

// WriteDir writes the journey to dir, which is made if it is missing: one <tool>.jsonl per tool, each in order of
// delivery, and companies.csv. It refuses to write over a file that is there, and leaves nothing behind on failure.
func WriteDir(ctx context.Context, c Config, dir string) (sum Summary, err error) {
	if err := c.Validate(); err != nil {
		return Summary{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Summary{}, fmt.Errorf("generate: %w", err)
	}
	var made []*output
	defer func() {
		for _, f := range made {
			err = errors.Join(err, f.close())
		}
		if err != nil {
			for _, f := range made {
				os.Remove(f.path)
			}
			sum = Summary{}
		}
	}()
	open := func(name string) (*output, error) {
		path := filepath.Join(dir, name)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("generate: %s is there already: give an empty folder, or remove it", path)
		}
		if err != nil {
			return nil, fmt.Errorf("generate: %w", err)
		}
		o := &output{path: path, file: f, buf: bufio.NewWriterSize(f, 1<<18)}
		made = append(made, o)
		return o, nil
	}
	companies, err := open(CompaniesFile)
	if err != nil {
		return Summary{}, err
	}
	files := map[string]*output{}
	for _, tool := range Tools {
		if files[tool], err = open(tool + ".jsonl"); err != nil {
			return Summary{}, err
		}
	}
	return WriteTo(ctx, c, companies.buf, func(tool string) io.Writer { return files[tool].buf })
}

// WriteTo writes the journey's files to writers: companies.csv to one, and each tool's lines to the one that file
// answers for it.
func WriteTo(ctx context.Context, c Config, companies io.Writer, file func(tool string) io.Writer) (Summary, error) {
	rows := csv.NewWriter(companies)
	if err := rows.Write(CompaniesHeader); err != nil {
		return Summary{}, fmt.Errorf("generate: %w", err)
	}
	writers := map[string]io.Writer{}
	for _, tool := range Tools {
		writers[tool] = file(tool)
	}
	newline := []byte{'\n'}
	return generate(ctx, c, runBytes, func(a *company) error {
		if a.business() && a.known {
			if err := rows.Write(a.row()); err != nil {
				return err
			}
		}
		rows.Flush()
		return rows.Error()
	}, func(tool string, line []byte, _ time.Time) error {
		w := writers[tool]
		if _, err := w.Write(line); err != nil {
			return err
		}
		_, err := w.Write(newline)
		return err
	})
}

type output struct {
	path string
	file *os.File
	buf  *bufio.Writer
}

func (o *output) close() error { return errors.Join(o.buf.Flush(), o.file.Close()) }
