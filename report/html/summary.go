package html

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// WriteSummary writes the sheet to hand over as a page of its own: no script, and on paper one or two sheets.
func WriteSummary(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	r, err := view.Build(ctx, f, opt)
	if err != nil {
		return err
	}
	sheet, err := r.Handover()
	if err != nil {
		return err
	}
	style, err := styleSheet()
	if err != nil {
		return err
	}
	t, err := templates(r)
	if err != nil {
		return fmt.Errorf("html: page templates: %w", err)
	}
	b := bufio.NewWriter(w)
	err = t.ExecuteTemplate(b, "summary", map[string]any{
		"Lang": string(r.Lang), "Title": sheet.Title, "Style": template.CSS(style), "Sheet": sheet,
		"Policy": "default-src 'none'; style-src " + sourceHash(style) + "; base-uri 'none'; form-action 'none'",
	})
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}

// styleSheet is the style of all pages.
func styleSheet() (string, error) {
	all := ""
	for _, name := range []string{"page/style.css", "page/handover.css"} {
		b, err := files.ReadFile(name)
		if err != nil {
			return "", err
		}
		all += string(b)
	}
	return all, nil
}

// sourceHash names inline code to the content security policy.
func sourceHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
