// Package text writes the result for the terminal: the answer, what needs attention and what to do, the counts, a small
// timeline by month, and where the reports are.
//
// It fits the width it is given, counting East Asian characters as the two columns they take, and contains no control
// character but the line end and, where colour is allowed, SGR sequences of its own.
package text

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// What a terminal shows of the attention items and of what to do, so that the answer stays on the screen; the reports
// hold all.
const (
	maxItems      = 7
	maxSteps      = 6 // of the first item
	maxStepsLater = 2 // of the others
)

// Write writes the result. opt.Width is the width in columns, from 40; opt.Color allows colour.
func Write(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	r, err := view.Build(ctx, f, opt)
	if err != nil {
		return err
	}
	p := &page{Report: r, w: bufio.NewWriter(w), width: max(40, r.Options.Width), color: r.Options.Color}
	p.answer()
	p.attention()
	p.counts()
	p.timeline()
	p.files()
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("write text: %w", err)
	}
	return nil
}

type page struct {
	*view.Report
	w     *bufio.Writer
	width int
	color bool
}

// Styles of the terminal (ECMA-48 SGR).
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	yellow = "33"
	green  = "32"
)

func (p *page) style(code, s string) string {
	if !p.color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p *page) line(s string) {
	p.w.WriteString(strings.TrimRight(s, " "))
	p.w.WriteByte('\n')
}

// block writes text wrapped to the width; the first line begins with head, the others with as many spaces.
func (p *page) block(head, code, text string) {
	indent := columns(head)
	for i, l := range wrap(text, p.width-indent) {
		if i > 0 {
			head = strings.Repeat(" ", indent)
		}
		p.line(head + p.style(code, l))
	}
}

func (p *page) heading(id string) {
	p.line("")
	p.line(p.style(bold, p.Say(id)))
}

func (p *page) answer() {
	code := map[string]string{"alarm": red, "look": yellow, "calm": green, "open": yellow}[p.Answer.Level]
	if !p.color || code == "" {
		code = bold
	}
	p.block("", dim, p.Say("answer.question"))
	p.block("", code, p.Answer.Sentence)
	for _, l := range p.Answer.Lead {
		p.block("", "", l)
	}
	if first, _ := p.Span(); !first.IsZero() {
		p.block("", dim, p.Say("terminal.zone", "zone", p.ZoneName(first)))
	}
}

func (p *page) attention() {
	items := p.Attention()
	if len(items) == 0 {
		return
	}
	p.heading("terminal.attention")
	for i, a := range items {
		if i == maxItems {
			p.block("   ", dim, p.Say("terminal.more", "n", len(items)-maxItems))
			break
		}
		code := dim
		switch a.Severity {
		case finding.Critical:
			code = red
		case finding.High:
			code = yellow
		}
		if view.Calm(a) {
			p.block("   ", "", p.Text(a.Why))
		} else {
			p.block(pad(fmt.Sprintf("%d.", a.Rank), 3), code, "["+p.ItemSeverity(a)+"] "+p.Text(a.Why))
		}
		if view.Grouped(items, i) {
			continue
		}
		steps := maxSteps
		if i > 0 {
			steps = maxStepsLater
		}
		for k, do := range a.Do {
			if k == steps && len(a.Do) > steps+1 {
				p.block("   ", dim, p.Say("terminal.more", "n", len(a.Do)-k))
				break
			}
			mark := "   → "
			if view.Limit(do) {
				mark = "   – "
			}
			p.block(mark, "", p.Text(do))
		}
	}
}

func (p *page) counts() {
	if len(p.Entries) == 0 {
		return
	}
	p.heading("terminal.counts")
	type row struct {
		label string
		n     int
	}
	var rows []row
	wide := 0
	add := func(label string, n int) {
		if n > 0 {
			rows = append(rows, row{label, n})
			wide = max(wide, columns(label))
		}
	}
	for _, v := range finding.Verdicts() {
		add(p.Verdict(v), p.Count(v))
	}
	unnoticed := 0
	for _, e := range p.Entries {
		if e.Flags&view.Unnoticed != 0 {
			unnoticed++
		}
	}
	add(p.Word("column", "unnoticed"), unnoticed)
	for _, r := range rows {
		p.line("  " + pad(r.label, wide) + "  " + padLeft(p.Number(int64(r.n)), 8))
	}
	if s := p.Summary(); s.Problems > 0 {
		p.block("  ", dim, p.Say("terminal.problems", "n", s.Problems, "lost", s.Lost))
	}
}

func (p *page) files() {
	if len(p.Options.Paths) == 0 {
		return
	}
	p.heading("terminal.files")
	for _, path := range p.Options.Paths {
		p.line("  " + view.SafeN(path, 4096))
	}
}
