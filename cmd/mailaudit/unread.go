package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// unreadReason is why mail was not read and what a person can do, in both languages. The stream tells it in English, for
// analysts; who sees nothing but an error wants it in their own words.
type unreadReason struct {
	part           string // of the reason in the stream
	en, ja         string
	hintEN, hintJA string
}

// unreadReasons are tried in order.
var unreadReasons = []unreadReason{
	{"operation not permitted", "macOS keeps it closed", "macOSがアクセスを制限しています", "", ""}, // the hint is that of find
	{
		"permission denied", "you have no permission to read it", "読み取る権限がありません",
		"let its owner, or an administrator, give you permission, or copy the mail to a place of your own", "所有者か管理者に権限を与えてもらうか、メールを自分のフォルダーにコピーしてください",
	},
	{
		"access is denied", "you have no permission to read it", "読み取る権限がありません",
		"let its owner, or an administrator, give you permission, or copy the mail to a place of your own", "所有者か管理者に権限を与えてもらうか、メールを自分のフォルダーにコピーしてください",
	},
	{
		"used by another process", "another program has it open", "ほかのプログラムが使用中です",
		"close the mail program and try again", "メールソフトを終了してから、もう一度お試しください",
	},
	{
		"protected by a password", "it is protected by a password", "パスワードで保護されています",
		"unpack it with the password and scan the folder", "パスワードを使って展開し、そのフォルダーを指定してください",
	},
	{
		"this kind of archive", "archives of this kind (7z, RAR and the like) are not opened", "この種類のアーカイブ（7z、RARなど）は開けません",
		"unpack it and scan the folder", "展開してから、そのフォルダーを指定してください",
	},
	{
		"(.pst)", "it is an Outlook data file (.pst)", "Outlookのデータファイル（.pst）です",
		"convert it first: readpst -e -o DIR FILE (package pst-utils), and scan DIR; or add the account to Thunderbird by IMAP and scan that", "先に readpst -e -o DIR FILE（パッケージ pst-utils）で変換し、DIR を指定してください。または、アカウントをIMAPでThunderbirdに追加し、そちらを指定してください",
	},
	{
		"(.ost)", "it is an Outlook cache (.ost)", "Outlookのキャッシュ（.ost）です",
		"export the mail from Outlook, or add the account to Thunderbird by IMAP and scan that", "Outlookからメールを書き出すか、アカウントをIMAPでThunderbirdに追加し、そちらを指定してください",
	},
	{
		"(.olm)", "it is an export of Outlook for Mac (.olm)", "Outlook for Macの書き出しファイル（.olm）です",
		"import it into Apple Mail or Thunderbird and scan the mailbox there", "Appleの「メール」かThunderbirdに取り込み、そちらのメールボックスを指定してください",
	},
	{
		"(.msg)", "it is an Outlook message (.msg) that is damaged", "壊れたOutlookのメッセージ（.msg）です",
		"save it again from Outlook, as .msg or .eml", "Outlookから .msg か .eml で保存し直してください",
	},
	{
		"(.dbx)", "it is an Outlook Express folder (.dbx)", "Outlook Expressのフォルダー（.dbx）です",
		"convert it: readdbx -f FILE -o FILE.mbox (package libdbx), and scan that", "readdbx -f FILE -o FILE.mbox（パッケージ libdbx）で変換し、それを指定してください",
	},
	{
		"(mbx)", "it is a mailbox of UW IMAP (mbx)", "UW IMAPのメールボックス（mbx）です",
		"copy it: mailutil copy FILE '#driver.unix/NEW' (package uw-mailutils), and scan NEW", "mailutil copy FILE '#driver.unix/NEW'（パッケージ uw-mailutils）で複製し、NEW を指定してください",
	},
	{
		"(mail_crypt)", "Dovecot encrypted it (mail_crypt)", "Dovecotが暗号化したメール（mail_crypt）です",
		"write it out: doveadm backup -u USER maildir:/FOLDER, and scan FOLDER", "doveadm backup -u USER maildir:/FOLDER で書き出し、FOLDER を指定してください",
	},
	{
		"a dbox", "it is a dbox of Dovecot", "Dovecotのdboxです",
		"write it out: doveadm backup -u USER maildir:/FOLDER, and scan FOLDER", "doveadm backup -u USER maildir:/FOLDER で書き出し、FOLDER を指定してください",
	},
	{
		"(Babyl)", "it is a file of Emacs Rmail (Babyl)", "Emacs Rmailのファイル（Babyl）です",
		"convert it with unrmail of Emacs and scan the mbox that it makes", "Emacsの unrmail で変換し、できたmboxを指定してください",
	},
	{
		"(.pmm)", "it is a folder of Pegasus Mail (.pmm)", "Pegasus Mailのフォルダー（.pmm）です",
		"copy its messages in Pegasus Mail into a folder of type Unix mailbox and scan that", "Pegasus Mailで、種類が「Unix mailbox」のフォルダーにメールを複製し、それを指定してください",
	},
	{
		"(.tbb)", "it is a message base of The Bat! (.tbb)", "The Bat!のメールデータ（.tbb）です",
		"export its messages in The Bat! as a Unix mailbox or as .eml and scan those", "The Bat!からUnix mailboxか .eml で書き出し、それを指定してください",
	},
	{
		"nothing but zeros", "it holds nothing but zeros: its content was lost on the disk", "中身がすべてゼロです。ディスク上で内容が失われています",
		"take the file from a backup", "バックアップから復元してください",
	},
	{
		"ends too early", "it ends too early: the download or the copy was cut off", "途中で切れています。ダウンロードかコピーが中断された可能性があります",
		"download or copy it again", "もう一度ダウンロードするか、コピーし直してください",
	},
}

// whyUnread gives the reason of a problem in the person's language, and what to do; the stream's own words where there are no
// others.
func (p *program) whyUnread(reason string) (text, hint string) {
	lower := strings.ToLower(reason)
	for _, u := range unreadReasons {
		if !strings.Contains(lower, strings.ToLower(u.part)) {
			continue
		}
		if u.hintEN == "" {
			return p.ui.tr(u.en, u.ja), p.fullDisk()
		}
		return p.ui.tr(u.en, u.ja), p.ui.tr(u.hintEN, u.hintJA)
	}
	return reason, ""
}

// maxUnread is how many places are named: the list of problems has them all.
const maxUnread = 5

// unread tells what was not read, by name and reason. Where not a message was read the reason is the
// error, since an answer about no mail would answer nothing. code is its exit code, 0 where something was read.
func (p *program) unread(file *finding.File, paths []string, code int) error {
	nothing := code != 0
	var lines []string
	var hint string
	n := 0
	err := file.Problems(func(pr *finding.Problem) error {
		if !pr.Lost || !nothing && pr.Stage != "io" && pr.Stage != "archive" {
			return nil
		}
		if n++; n > maxUnread {
			return nil
		}
		why, todo := p.whyUnread(pr.Reason)
		if hint == "" {
			hint = todo
		}
		lines = append(lines, fmt.Sprintf(p.ui.tr("%s was not read: %s", "%s を読み取れません。%s"), placeOf(pr, paths), why))
		return nil
	})
	if err != nil || n == 0 {
		return err
	}
	if n > maxUnread {
		lines = append(lines, fmt.Sprintf(p.ui.tr("and %d more; findings.jsonl names each", "ほか %d 件は findings.jsonl にあります"), n-maxUnread))
	}
	if !nothing {
		for _, l := range lines {
			p.ui.say("%s", l)
		}
		if hint != "" {
			p.ui.say(p.ui.tr("hint: %s", "ヒント: %s"), hint)
		}
		return nil
	}
	for _, l := range lines[1:] {
		p.ui.say("%s", l)
	}
	return &failure{code, lines[0], hint, nil}
}

// placeOf names where a problem is, as the person named it.
func placeOf(pr *finding.Problem, paths []string) string {
	name := strings.Join(pr.Location.Path, "!")
	if len(paths) == 1 && len(pr.Location.Path) > 0 && pr.Location.Path[0] == "." {
		return paths[0]
	}
	if name == "." { // of several sources the one that can't be opened
		for _, path := range paths {
			f, err := os.Open(path)
			if err != nil {
				return path
			}
			_ = f.Close()
		}
	}
	if runtime.GOOS == "windows" {
		return strings.ReplaceAll(name, "/", `\`)
	}
	return name
}
