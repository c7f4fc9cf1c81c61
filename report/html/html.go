// Package html writes the report as one page: a file that opens from disk, asks for nothing from outside, and is complete
// without JavaScript, which only adds filter, search, sort and zoom.
//
// Text from mail is only ever text. All of the page comes from html/template, which escapes by context; a content security
// policy with the hashes of the one style sheet and the one script forbids everything else, inline styles and event
// handlers included. Links from mail are written so that nothing opens them.
//
// The page is streamed: sections and messages are written one after another, a month's messages in blocks of at most a
// hundred rows that the browser lays out only when they come into view. One table of 50,000 rows takes Chromium 18 s,
// blocks less than 1 s. What is told in full beside it is taken in when it is asked for, see maxEager.
package html

import (
	"bufio"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

//go:embed page/*.html page/*.css page/script.js
var files embed.FS

// Write writes the page of f.
func Write(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	r, err := view.Build(ctx, f, opt)
	if err != nil {
		return err
	}
	p, err := newPage(ctx, r, w)
	if err != nil {
		return err
	}
	if err := p.write(); err != nil {
		return fmt.Errorf("write html: %w", err)
	}
	return nil
}

type page struct {
	*view.Report
	ctx      context.Context
	w        *bufio.Writer
	tmpl     *template.Template
	detailed []bool
	style    string
	script   string
}

func newPage(ctx context.Context, r *view.Report, w io.Writer) (*page, error) {
	p := &page{Report: r, ctx: ctx, w: bufio.NewWriterSize(w, 1<<16), detailed: r.Detailed()}
	style, err := styleSheet()
	if err != nil {
		return nil, err
	}
	script, err := files.ReadFile("page/script.js")
	if err != nil {
		return nil, err
	}
	p.style, p.script = style+blockSizes(), string(script)
	p.tmpl, err = templates(r)
	if err != nil {
		return nil, fmt.Errorf("html: page templates: %w", err)
	}
	return p, nil
}

// templates are the parts of the page. The line ends of their source, a text node each for the browser, are left out: on a
// long page that is every tenth node.
func templates(r *view.Report) (*template.Template, error) {
	t := template.New("page").Funcs(template.FuncMap{
		"say":  r.Say,
		"word": r.Word,
		"pair": func(name string, list []originRow, more int) any {
			return struct {
				Name string
				List []originRow
				More int
			}{name, list, more}
		},
	})
	for _, name := range []string{"page/head.html", "page/handover.html", "page/sections.html", "page/messages.html"} {
		b, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if _, err := t.Parse(strings.NewReplacer(">\n", ">", "}}\n", "}}").Replace(string(b))); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// write writes the page section by section.
func (p *page) write() error {
	sections := []func() error{p.head, p.attention, p.timeline, p.incidents, p.statements, p.ledger, p.messages, p.details, p.origins, p.method, p.evidence, p.glossary, p.foot}
	for _, s := range sections {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if err := s(); err != nil {
			return err
		}
	}
	return p.w.Flush()
}

func (p *page) exec(name string, data any) error { return p.tmpl.ExecuteTemplate(p.w, name, data) }

// section is one entry of the table of contents.
type section struct{ ID, Name string }

func (p *page) sections() []section {
	var list []section
	for _, id := range []string{"attention", "timeline", "incidents", "statements", "ledger", "messages", "details", "origins", "method", "evidence", "glossary"} {
		if id == "incidents" && len(p.Incidents()) == 0 || id == "statements" && len(p.Series()) == 0 || id == "ledger" && len(p.Ledger()) == 0 || id == "details" && len(p.Entries) == 0 || id == "origins" && len(p.Senders)+len(p.Hosts) == 0 {
			continue
		}
		list = append(list, section{id, p.Say("section." + id)})
	}
	return list
}

// figure is one of the numbers beneath the answer. Want are the letters of codes, any of which a row needs to be among
// what is counted.
type figure struct {
	Class, Label, Value, Want string
}

func (p *page) figures() []figure {
	notices, unnoticed := 0, 0
	for _, e := range p.Entries {
		if e.Notice() {
			notices++
		}
		if e.Flags&view.Unnoticed != 0 {
			unnoticed++
		}
	}
	n := func(v int) string { return p.Number(int64(v)) }
	return []figure{
		{"genuine", p.Say("figure.genuine"), n(notices), "n"},
		{"unnoticed", p.Say("figure.unnoticed"), n(unnoticed), "u"},
		{"fake", p.Say("figure.fakes"), n(p.Count(finding.Impersonation)), letters(finding.Impersonation)},
		{"open", p.Say("figure.open"), n(p.Count(finding.Unverifiable, finding.Suspicious)), letters(finding.Unverifiable, finding.Suspicious)},
	}
}

// letters are the codes of verdicts.
func letters(vs ...finding.Verdict) string {
	b := make([]byte, 0, len(vs))
	for _, v := range vs {
		b = append(b, verdictCode(v))
	}
	return string(b)
}

// policy is the content security policy: nothing is loaded from anywhere, and of inline code only the page's own.
func (p *page) policy() string {
	return "default-src 'none'; style-src " + sourceHash(p.style) + "; script-src " + sourceHash(p.script) + "; base-uri 'none'; form-action 'none'"
}

func (p *page) head() error {
	var masthead []string
	if at := p.Config().AsOf; at != nil {
		masthead = append(masthead, p.Say("masthead.asof", "time", *at))
		masthead = append(masthead, p.Say("masthead.zone", "zone", p.ZoneName(*at)))
	} else {
		first, _ := p.Span()
		masthead = append(masthead, p.Say("masthead.zone", "zone", p.ZoneName(first)))
	}
	if p.Options.Redact {
		masthead = append(masthead, p.Say("masthead.redacted"))
	}
	sheet, err := p.Handover()
	if err != nil {
		return err
	}
	if sheet.Empty() {
		sheet = nil // nothing that would be handed over
	}
	return p.exec("head", map[string]any{
		"Sheet": sheet,
		"Lang":  string(p.Lang), "Policy": p.policy(), "Style": template.CSS(p.style), "Title": p.Say("title"), "Masthead": masthead,
		"Answer": p.Answer, "Figures": p.figures(), "Sections": p.sections(), "Empty": len(p.Entries) == 0,
	})
}

func (p *page) foot() error {
	return p.exec("foot", map[string]any{"Version": p.Config().Version, "Script": template.JS(p.script)})
}

// blockSizes gives each number of rows its height for content-visibility, since the policy forbids inline styles. The
// heights are those of style.css.
func blockSizes() string {
	var b strings.Builder
	for n := 1; n <= blockRows; n++ {
		fmt.Fprintf(&b, ".r%d{--h:%dpx}", n, rowHeight*n)
	}
	for n := 1; n <= detailRows; n++ {
		fmt.Fprintf(&b, ".d%d{--h:%dpx}", n, detailHeight*n)
	}
	return b.String()
}
