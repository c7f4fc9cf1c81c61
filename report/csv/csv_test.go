package csv_test

import (
	"bytes"
	"context"
	stdcsv "encoding/csv"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/report/csv"
	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

// No cell of a file made from hostile mail begins like a formula, and the file reads back row for row.
func TestNoFormulas(t *testing.T) {
	s := reporttest.Hostile()
	var b bytes.Buffer
	if err := csv.Write(context.Background(), s.File(), &b, view.Options{BOM: true}); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(b.String(), "\ufeff")
	if !ok {
		t.Error("no byte order mark")
	}
	rows, err := stdcsv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(s.Messages)+1 {
		t.Errorf("%d rows for %d messages", len(rows), len(s.Messages))
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+@\t\r\n", rune(cell[0])) || strings.HasPrefix(cell, "-") && len(cell) > 1 && (cell[1] < '0' || cell[1] > '9') {
				t.Errorf("a cell begins like a formula: %.60q", cell)
			}
		}
	}
}

func TestGuard(t *testing.T) {
	cases := []struct{ in, want string }{
		{"plain", "plain"}, {"", ""}, {"=1+1", "'=1+1"}, {" =1", "' =1"}, {"＝1", "'＝1"}, {"-x", "'-x"}, {"@SUM(A1)", "'@SUM(A1)"}, {"a=b", "a=b"}, {"\u3000+1", "'\u3000+1"},
	}
	for _, c := range cases {
		if got := csv.Guard(c.in); got != c.want {
			t.Errorf("Guard(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
