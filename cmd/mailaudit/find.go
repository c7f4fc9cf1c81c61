package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/mailstore"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

func (p *program) findCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "find",
		Short: p.ui.tr("list the mail on this computer", "このコンピューターにあるメールを一覧にする"),
		Long: p.ui.tr(
			`List the mail on this computer: of Thunderbird, Apple Mail, Evolution, KMail, Claws
Mail and Outlook, Maildirs and mboxes in the usual places, and exports such as Google
Takeout's among the downloads and on the desktop; with accounts, size, the newest date,
and whether it can be read.

Only names, sizes and dates are looked at, the files in which mail programs note their
accounts, and the table of contents of archives whose name says that mail may be in
them. No mail is read. A disk that does not answer is named after a few seconds.

The exit code is 4 when there is none.`,
			`このコンピューターにあるメールを一覧にします。Thunderbird、Appleの「メール」、
Evolution、KMail、Claws Mail、Outlook、よくある場所のMaildirとmbox、
ダウンロードやデスクトップにあるGoogle Takeoutなどの書き出しファイルについて、
アカウント、サイズ、最新の日付、読み取れるかどうかを示します。

見るのは、名前とサイズと日付、メールソフトがアカウントを記録したファイル、
メールが入っていそうな名前のアーカイブの目次だけです。メールは読みません。
応答しないディスクは、数秒待ってからその旨を示します。

見つからなければ、終了コードは 4 です。`),
		Args: p.exactly(0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.checkLang(cmd); err != nil {
				return err
			}
			found, err := p.find(cmd.Context())
			if err != nil {
				return err
			}
			if len(found.Stores) == 0 {
				p.code = exitNothing
			}
			if asJSON {
				raw, err := foundJSON(found)
				if err == nil {
					_, err = p.ui.resultWriter().Write(raw)
				}
				return err
			}
			p.listFound(found, p.ui.result)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, p.ui.tr("print the list as JSON", "一覧を JSON で表示する"))
	return cmd
}

// find looks for mail on this computer.
func (p *program) find(ctx context.Context) (mailstore.Found, error) {
	places, err := mailstore.Load()
	if err != nil {
		return mailstore.Found{}, err
	}
	c := mailstore.Computer{OS: runtime.GOOS, Home: p.getenv("HOME"), User: p.getenv("USER"), Getenv: p.getenv}
	if runtime.GOOS == "windows" {
		c.Home, c.User = p.getenv("USERPROFILE"), p.getenv("USERNAME")
	}
	return mailstore.Find(ctx, c, places, mailstore.Default()), nil
}

// listFound prints a numbered list of what was found, a line of the talk or of the result at a time.
func (p *program) listFound(f mailstore.Found, line func(string, ...any)) {
	if len(f.Stores) == 0 {
		line("%s", p.ui.tr("No mail was found in the usual places of this computer.", "このコンピューターのよくある場所に、メールは見つかりませんでした。"))
	}
	for i, st := range f.Stores {
		line("%3d  %s  %s", i+1, p.storeTitle(st), p.storeExtent(st))
		if text := p.storeAccounts(st); text != "" {
			line("     %s", text)
		}
		line("     %s", p.storePath(st))
		if text := p.storeTrouble(st); text != "" {
			line("     %s", text)
		}
	}
	for _, dir := range f.Slow {
		line(p.ui.tr("%s did not answer in time and was left out.", "%s は時間内に応答しなかったため、調べていません。"), dir)
	}
}

// storeTitle is the program and what it calls the store.
func (p *program) storeTitle(st mailstore.Store) string {
	title := st.Program
	if title == "" {
		title = p.ui.tr("Mail", "メール")
	}
	if st.Name != "" {
		title += fmt.Sprintf(p.ui.tr(" “%s”", "「%s」"), st.Name)
	}
	return title
}

// storeExtent is size, number of parts and newest date.
func (p *program) storeExtent(st mailstore.Store) string {
	if st.Files == 0 {
		return ""
	}
	parts := []string{bytesOf(st.Size)}
	if st.AtLeast {
		parts[0] = fmt.Sprintf(p.ui.tr("at least %s", "%s 以上"), parts[0])
	}
	if len(st.Paths) > 1 {
		parts = append(parts, fmt.Sprintf(p.ui.tr("%d parts", "%d 個"), len(st.Paths)))
	}
	if !st.Newest.IsZero() {
		parts = append(parts, fmt.Sprintf(p.ui.tr("newest %s", "最新 %s"), st.Newest.Local().Format(time.DateOnly)))
	}
	return strings.Join(parts, p.ui.tr(", ", "、"))
}

// storeAccounts are the accounts of a store; those beyond the eighth are counted.
func (p *program) storeAccounts(st mailstore.Store) string {
	const most = 8
	var list []string
	for i, a := range st.Accounts {
		if i == most {
			list = append(list, fmt.Sprintf(p.ui.tr("and %d more", "ほか %d 件"), len(st.Accounts)-most))
			break
		}
		text := a.Address
		if a.Remote {
			text += p.ui.tr(" (its mail is on the server: let the program fetch it first)", "（メールはサーバーにあります。先にメールソフトで取り込んでください）")
		}
		list = append(list, text)
	}
	return strings.Join(list, p.ui.tr(", ", "、"))
}

func (p *program) storePath(st mailstore.Store) string {
	if len(st.Paths) > 1 {
		return fmt.Sprintf(p.ui.tr("%s and %d more", "%s ほか %d 個"), st.Paths[0], len(st.Paths)-1)
	}
	return st.Paths[0]
}

// storeTrouble is why a store can't be read, and what to do; "" for one that can.
func (p *program) storeTrouble(st mailstore.Store) string {
	switch st.State {
	case mailstore.Denied:
		return p.ui.tr("cannot be read: you have no permission; it may belong to another user of this computer", "読み取れません。権限がありません（このコンピューターの別の利用者のものかもしれません）")
	case mailstore.FullDisk:
		return p.fullDisk()
	case mailstore.Slow:
		return p.ui.tr("did not answer in time: a network drive may be away", "時間内に応答がありません。ネットワークドライブが接続されていない可能性があります")
	case mailstore.Other:
		switch st.Advice {
		case "olm":
			return p.ui.tr("is not read: import it into Apple Mail or Thunderbird and look at the mail there", "この形式は読み取れません。Appleの「メール」かThunderbirdに取り込み、そちらのメールを調べてください")
		case "imap":
			return p.ui.tr("only this program can read it: add the account to Thunderbird by IMAP and look at the mail there", "この形式は読み取れません。アカウントをIMAPでThunderbirdに追加し、そちらのメールを調べてください")
		default:
			return p.ui.tr("only this program can read it: export the mail from it as .eml or mbox, and look at that", "この形式は読み取れません。メールを .eml か mbox で書き出し、それを調べてください")
		}
	}
	return ""
}

// fullDisk explains what macOS wants before it lets a program at mail.
func (p *program) fullDisk() string {
	return p.ui.tr("cannot be read: macOS keeps it closed. In System Settings, Privacy & Security, Full Disk Access, switch on the terminal (or mailaudit), quit it and start it again",
		"読み取れません。macOSがアクセスを制限しています。「システム設定」→「プライバシーとセキュリティ」→「フルディスクアクセス」で「ターミナル」（またはmailaudit）を許可し、いったん終了して起動し直してください")
}

// foundJSON is the list for other programs. It can be shown on a terminal as well: what can't be seen is escaped.
func foundJSON(f mailstore.Found) ([]byte, error) {
	type account struct {
		Address string `json:"address"`
		Type    string `json:"type,omitempty"`
		Remote  bool   `json:"remote,omitempty"`
	}
	type store struct {
		Program  string          `json:"program,omitempty"`
		Kind     string          `json:"kind"`
		Name     string          `json:"name,omitempty"`
		Accounts []account       `json:"accounts,omitempty"`
		Paths    []string        `json:"paths"`
		Escaped  bool            `json:"escaped,omitempty"` // paths are no UTF-8, and written as in reports
		Size     int64           `json:"size"`
		Files    int             `json:"files"`
		AtLeast  bool            `json:"at_least,omitempty"`
		Newest   *time.Time      `json:"newest,omitempty"`
		State    mailstore.State `json:"state"`
		Advice   string          `json:"advice,omitempty"`
	}
	out := struct {
		Stores []store  `json:"stores"`
		Slow   []string `json:"slow,omitempty"`
	}{Stores: []store{}, Slow: f.Slow}
	for _, st := range f.Stores {
		s := store{Program: st.Program, Kind: st.Kind, Name: st.Name, Paths: slices.Clone(st.Paths), Size: st.Size, Files: st.Files, AtLeast: st.AtLeast, State: st.State, Advice: st.Advice}
		for _, a := range st.Accounts {
			s.Accounts = append(s.Accounts, account(a))
		}
		if s.Escaped = slices.ContainsFunc(s.Paths, func(p string) bool { return !utf8.ValidString(p) }); s.Escaped {
			for i := range s.Paths {
				s.Paths[i] = evidence.EscapeName(s.Paths[i])
			}
		}
		if !st.Newest.IsZero() {
			t := st.Newest.UTC()
			s.Newest = &t
		}
		out.Stores = append(out.Stores, s)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return nil, err
	}
	return plainJSON(b.Bytes()), nil
}

// plainJSON escapes what can't be seen, or changes how a terminal shows the rest.
func plainJSON(raw []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(raw) {
		switch {
		case r == '\n' || script.Visible(string(r)) == string(r):
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			b.WriteString(fmt.Sprintf(`\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff))
		default:
			b.WriteString(fmt.Sprintf(`\u%04x`, r))
		}
	}
	return b.Bytes()
}
