package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/state"
)

// newsWidth is how wide lines are: mail that cron sends is read in programs that don't wrap, and quoted.
const newsWidth = 76

// newsSteps is how many things to do a finding is told with: the most urgent stand first. The reports have them all.
const newsSteps = 5

// text is what is new as cron mails it. reports is the folder of this run's reports, "" where it writes none.
func (d *digest) text(u *ui, reports string) []byte {
	var b bytes.Buffer
	if len(d.New) == 1 {
		b.WriteString(u.tr("mailaudit: one thing needs you\n", "mailaudit: 確認が必要なことが1件あります\n"))
	} else {
		b.WriteString(sprintf(u.tr("mailaudit: %d things need you\n", "mailaudit: 確認が必要なことが %d 件あります\n"), len(d.New)))
	}
	for _, e := range d.New {
		b.WriteString("\n")
		mark := map[state.News]string{
			state.Worse: u.tr(" (worse than before)", "（前回より悪化）"),
			state.Again: u.tr(" (an earlier run was ended and may have told this already)", "（途中で終了した前回の実行で、お知らせ済みの可能性があります）"),
		}[e.News]
		wrapTo(&b, "", "["+d.report.ItemSeverity(e.Finding)+"]"+mark+" "+e.Text)
		for i, do := range e.Do {
			if left := len(e.Do) - i; i == newsSteps && left > 1 {
				more := sprintf(u.tr("… and %d more; mailaudit scan shows them all", "… ほか %d 項目。mailaudit scan ですべて表示できます"), left)
				if reports != "" {
					more = sprintf(u.tr("… and %d more, in the reports in %s", "… ほか %d 項目。%s のレポートにあります"), left, reports)
				}
				wrapTo(&b, "  ", more)
				break
			}
			wrapTo(&b, "  - ", do)
		}
		wrapTo(&b, "", sprintf(u.tr("If you know of it: mailaudit ack %s", "心当たりがあれば: mailaudit ack %s"), e.Finding.ID))
	}
	return b.Bytes()
}

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, visible(args)...) }

// wrapTo writes text in lines of newsWidth columns; the first begins with head, the others with as many spaces. Japanese
// is broken anywhere but before closing punctuation.
func wrapTo(b *bytes.Buffer, head, text string) {
	indent := strings.Repeat(" ", columns(head))
	line, width := head, columns(head)
	end := func() {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		line, width = indent, len(indent)
	}
	for _, word := range words(text) {
		n := columns(strings.TrimRight(word, " "))
		if width+n > newsWidth && width > len(indent) {
			end()
		}
		line += word
		width += columns(word)
	}
	end()
}

// words cuts text where a line may break: behind blanks, and between characters of two columns.
func words(text string) (list []string) {
	start := 0
	rs := []rune(text)
	for i := range rs {
		if i == start {
			continue
		}
		wide := rs[i-1] >= 0x1100 || rs[i] >= 0x1100
		closing := strings.ContainsRune("、。，．）」』】！？・ー…", rs[i])
		opening := strings.ContainsRune("（「『【", rs[i-1])
		if rs[i-1] == ' ' && rs[i] != ' ' || wide && !closing && !opening {
			list = append(list, string(rs[start:i]))
			start = i
		}
	}
	return append(list, string(rs[start:]))
}

// notify runs --notify-cmd with what is new, and with what it did not take notice of before. It returns the ids that are
// to be tried again, and those of them that were tried now.
func (n *night) notify() (unsent, tried []string) {
	root := &n.store.Root
	if n.f.new.notify == "" {
		return root.Unsent, nil // a run by hand takes nothing from the one that has the command
	}
	for _, id := range root.Unsent {
		// What this run does not see is that of a run over other mail. What it sees and does not tell is acknowledged, or below
		// --fail-on now.
		if root.Told[id] != nil && !slices.ContainsFunc(n.result.Findings, func(f state.Finding) bool { return f.ID == id }) {
			unsent = append(unsent, id)
		}
	}
	if len(n.told) == 0 {
		return unsent, nil
	}
	d, err := n.digest(n.told)
	if err == nil {
		err = n.send(d)
	}
	if err == nil {
		return unsent, nil
	}
	n.p.ui.say(n.p.ui.tr("--notify-cmd failed, and is tried again at the next run: %s", "--notify-cmd が失敗しました。次回の実行で再度試みます: %s"), err)
	for _, f := range n.told {
		tried = append(tried, f.ID)
	}
	unsent = append(unsent, tried...)
	slices.Sort(unsent)
	return unsent, tried
}

// checkNotify refuses a command that can never be run.
func (p *program) checkNotify(cmd *cobra.Command, command string, timeout time.Duration) error {
	if timeout <= 0 {
		return p.usage(cmd, p.ui.tr("--notify-timeout is longer than nothing", "--notify-timeout は 0 より長い時間です"))
	}
	if !cmd.Flags().Changed("notify-cmd") {
		return nil
	}
	if _, err := splitWords(command); err != nil {
		return p.usage(cmd, "--notify-cmd: "+err.Error())
	}
	return nil
}

// notifyTail is how much of what a failed command said is passed on.
const notifyTail = 500

// send runs the command: no shell, its words as they stand, for a limited time.
func (n *night) send(d *digest) error {
	args, err := splitWords(n.f.new.notify)
	if err != nil {
		return err
	}
	raw, err := d.json()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(n.cmd.Context(), n.f.new.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.WaitDelay = time.Second // what it started may keep its output open
	cmd.Stdin = bytes.NewReader(raw)
	var said tailBuffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err = cmd.Run()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%s: not done after %s", args[0], n.f.new.timeout)
	}
	if err != nil {
		if text := strings.TrimSpace(string(said.b)); text != "" {
			return fmt.Errorf("%s: %w: %s", args[0], err, text)
		}
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return nil
}

// tailBuffer keeps the last bytes that are written to it.
type tailBuffer struct{ b []byte }

func (t *tailBuffer) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > notifyTail {
		t.b = slices.Clone(t.b[len(t.b)-notifyTail:])
	}
	return len(p), nil
}

// splitWords cuts a command into words at blanks. Quotes, single or double, keep words together; nothing else has a
// meaning: there is no shell.
func splitWords(s string) ([]string, error) {
	var list []string
	var word strings.Builder
	quote, begun := rune(0), false
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, begun = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if begun {
				list = append(list, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("%s: a quote is not closed", s)
	}
	if begun {
		list = append(list, word.String())
	}
	if len(list) == 0 || list[0] == "" {
		return nil, errors.New("the command is empty")
	}
	return list, nil
}
