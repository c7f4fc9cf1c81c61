package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/mailstore"
)

// choose is mailaudit without a command on a terminal: it shows the mail on this computer, asks what to look at, and scans
// that.
func (p *program) choose(cmd *cobra.Command) error {
	p.ui.result("%s", p.ui.tr("mailaudit tells whether your Amazon account was touched, which mails are fakes, and which statements you missed. It reads only, and nothing leaves this computer.", "mailaudit は、Amazonのアカウントに異変がないか、どのメールが偽物か、見落とした利用明細がないかを調べます。メールは読むだけで変更せず、どこにも送信しません。"))
	p.ui.result("")
	found, err := p.find(cmd.Context())
	if err != nil {
		return err
	}
	p.listFound(found, p.ui.result)
	p.ui.result("")
	in := bufio.NewReader(io.LimitReader(p.stdin, 1<<20))
	for {
		p.ui.result("%s", p.question(found))
		text, err := in.ReadString('\n')
		if text = strings.TrimSpace(text); text == "" && err != nil || text == "q" {
			return nil
		}
		paths, wrong := p.chosen(found, text)
		if wrong == "" && len(paths) > 0 {
			scan := p.root()
			scan.SetArgs(append([]string{"scan", "--lang", string(p.ui.lang), "--"}, paths...))
			p.args = append([]string{"scan"}, paths...)
			return scan.ExecuteContext(cmd.Context())
		}
		if wrong != "" {
			p.ui.say("%s", wrong)
		}
		if errors.Is(err, io.EOF) {
			p.code = exitUsage
			return nil
		}
	}
}

func (p *program) question(f mailstore.Found) string {
	if len(f.Stores) == 0 {
		return p.ui.tr("Type the path of a file or folder with mail, or q to leave:", "メールのファイルかフォルダーのパスを入力してください（q で終了）:")
	}
	return p.ui.tr("What is to be looked at? Numbers (1 or 1,3), a for all that can be read, a path, or q to leave:", "どれを調べますか。番号（1 や 1,3）、すべてなら a、またはパスを入力してください（q で終了）:")
}

// chosen are the paths that an answer names. wrong says what is not understood.
func (p *program) chosen(f mailstore.Found, answer string) (paths []string, wrong string) {
	if answer == "" {
		return nil, ""
	}
	if answer == "a" {
		for _, st := range f.Stores {
			if st.State == mailstore.Readable {
				paths = append(paths, st.Paths...)
			}
		}
		if len(paths) == 0 {
			return nil, p.ui.tr("none of it can be read", "読み取れるものがありません")
		}
		return paths, ""
	}
	numbers := strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' || r == '、' || r == '，' || r == '\u3000' })
	for _, text := range numbers {
		n, err := strconv.Atoi(narrow(text))
		if err != nil {
			return p.chosenPath(answer)
		}
		if n < 1 || n > len(f.Stores) {
			return nil, fmt.Sprintf(p.ui.tr("there is no number %d in the list", "%d は一覧にありません"), n)
		}
		st := f.Stores[n-1]
		if trouble := p.storeTrouble(st); trouble != "" && st.State != mailstore.Slow {
			return nil, fmt.Sprintf(p.ui.tr("%s %s", "%s：%s"), p.storeTitle(st), trouble)
		}
		paths = append(paths, st.Paths...)
	}
	return paths, ""
}

// chosenPath is an answer that is a path: as a file manager pastes it, in quotes or with ~.
func (p *program) chosenPath(answer string) (paths []string, wrong string) {
	path := answer
	if n := len(path); n >= 2 && (path[0] == '"' || path[0] == '\'') && path[n-1] == path[0] {
		path = path[1 : n-1]
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		path = p.getenv("HOME") + "/" + rest
	}
	if _, err := os.Stat(path); err != nil {
		plain := strings.ReplaceAll(path, `\ `, " ") // a terminal escapes blanks in what is dropped on it
		if _, err := os.Stat(plain); err != nil {
			return nil, fmt.Sprintf(p.ui.tr("there is no %s", "%s が見つかりません"), path)
		}
		path = plain
	}
	return []string{path}, ""
}

// narrow makes the digits of a Japanese keyboard those that numbers are read of.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, text)
}
