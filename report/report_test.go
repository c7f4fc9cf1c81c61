package report_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/mailaudit/mailaudit/report"
	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

// TestShow writes every report of every stream to the folder named by MAILAUDIT_SHOW, to be looked at.
func TestShow(t *testing.T) {
	dir := os.Getenv("MAILAUDIT_SHOW")
	if dir == "" {
		t.Skip("MAILAUDIT_SHOW names no folder")
	}
	for name, s := range map[string]*reporttest.Stream{"takeover": reporttest.Takeover(), "calm": reporttest.Calm(), "empty": reporttest.Empty(), "hostile": reporttest.Hostile(), "large": reporttest.Large(50_000)} {
		for _, lang := range view.Langs() {
			for _, format := range report.Formats() {
				if name == "large" && (lang == view.EN || format == "csv") {
					continue
				}
				w, err := report.Open(format)
				if err != nil {
					t.Fatal(err)
				}
				var b bytes.Buffer
				if err := w.Write(context.Background(), s.File(), &b, report.Options{Lang: lang, Zone: reporttest.Tokyo}); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, name+"."+string(lang)+"."+format), b.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
