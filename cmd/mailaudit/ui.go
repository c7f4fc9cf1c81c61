package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/term"

	"github.com/mailaudit/mailaudit/analyzer/script"
	"github.com/mailaudit/mailaudit/report/view"
)

// Rules of the house for what is printed. Nothing else in this folder prints.
//
//   - stdout carries the result and nothing but the result; stderr carries the talk.
//   - Talk begins with "mailaudit:", in lower case and without a full stop, and an error is followed by a hint that says
//     what to do.
//   - Values are put into a sentence with %s and are made visible first: names of files and words of mail can hold escape
//     sequences.
//   - A reader that goes away (head, less) ends the output, not the run.
type ui struct {
	out, err io.Writer
	lang     view.Lang
	color    bool // of stdout
	width    int  // columns of stdout

	mu       sync.Mutex // progress comes from another goroutine than the talk
	progress int        // columns of the progress line that stands on stderr now
}

func newUI(stdout, stderr io.Writer, lang view.Lang, getenv func(string) string) *ui {
	u := &ui{out: quiet{stdout}, err: quiet{stderr}, lang: lang, width: 80}
	if f, ok := stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		u.color = getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w >= 40 {
			u.width = w
		}
	}
	return u
}

// tr picks the text of the user's language.
func (u *ui) tr(en, ja string) string {
	if u.lang == view.JA {
		return ja
	}
	return en
}

// trN picks the text of the user's language for so many things: English has one of its own for a single one.
func (u *ui) trN(n int64, one, many, ja string) string {
	if n == 1 {
		many = one
	}
	return u.tr(many, ja)
}

// say prints a sentence of the talk.
func (u *ui) say(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.clear()
	fmt.Fprintf(u.err, "mailaudit: "+format+"\n", visible(args)...)
}

// fail prints an error and its hint.
func (u *ui) fail(err error) {
	u.say(u.tr("error: %s", "エラー: %s"), err)
	var f *failure
	if errors.As(err, &f) && f.hint != "" {
		u.say(u.tr("hint: %s", "ヒント: %s"), f.hint)
	}
}

// result prints a line of the result on stdout.
func (u *ui) result(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.clear()
	fmt.Fprintf(u.out, format+"\n", visible(args)...)
}

// resultWriter is stdout for a report that made itself harmless already.
func (u *ui) resultWriter() io.Writer { return u.out }

// showProgress puts a line in the place of the one shown before.
func (u *ui) showProgress(line string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := columns(line)
	fmt.Fprint(u.err, "\r"+line+strings.Repeat(" ", max(0, u.progress-n)))
	u.progress = n
}

// endProgress takes the progress line away.
func (u *ui) endProgress() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.clear()
}

func (u *ui) clear() {
	if u.progress > 0 {
		fmt.Fprint(u.err, "\r"+strings.Repeat(" ", u.progress)+"\r")
		u.progress = 0
	}
}

// columns counts terminal columns: Japanese characters take two.
func columns(line string) int {
	n := 0
	for _, r := range line {
		n++
		if r >= 0x1100 {
			n++
		}
	}
	return n
}

// visible makes what is put into a sentence harmless on a terminal.
func visible(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case string:
			out[i] = script.Visible(v)
		case error:
			out[i] = script.Visible(v.Error())
		case fmt.Stringer:
			out[i] = script.Visible(v.String())
		default:
			out[i] = a
		}
	}
	return out
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	q, ok := w.(quiet)
	if ok {
		w = q.w
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// onTerminal reports whether a person sits before a terminal: all three streams are one.
func onTerminal(stdin io.Reader, stdout, stderr io.Writer) bool {
	f, ok := stdin.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && isTerminal(stdout) && isTerminal(stderr)
}

// quiet passes writes on until the reader has gone; then it swallows them.
type quiet struct{ w io.Writer }

func (q quiet) Write(p []byte) (int, error) {
	n, err := q.w.Write(p)
	if brokenPipe(err) {
		return len(p), nil
	}
	return n, err
}

// brokenPipe reports whether the reader of a pipe has gone. 232 is Windows' ERROR_NO_DATA, "the pipe is being closed".
func brokenPipe(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, syscall.Errno(232))
}
