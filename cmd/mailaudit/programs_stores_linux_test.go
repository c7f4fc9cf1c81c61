package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// programStores are the stores, in order: later ones read what earlier ones wrote.
var programStores = []struct {
	name  string
	needs string // programs; dovecot is the server
	write func(w *workplace) kept
}{
	{"dovecot-maildir", "dovecot", byDovecot("maildir", (*workplace).full)},
	{"dovecot-fs", "dovecot", byDovecot("fsdir", (*workplace).full)},
	{"dovecot-mbox", "dovecot", byDovecot("mbox", (*workplace).full)},
	{"dovecot-gzip", "dovecot", byDovecot("gzip", (*workplace).full)},
	{"dovecot-zstd", "dovecot", byDovecot("zstd", (*workplace).few)},
	{"dovecot-lz4", "dovecot", byDovecot("lz4", (*workplace).few)},
	{"mbsync", "dovecot mbsync", mbsync},
	{"mbsync-back", "dovecot mbsync", mbsyncBack},
	{"offlineimap", "dovecot offlineimap", offlineimap},
	{"dovecot-to-fetch", "dovecot", toFetch},
	{"getmail", "dovecot getmail", getmail},
	{"fetchmail-procmail", "dovecot fetchmail procmail", fetchmail},
	{"procmail-mbox", "procmail", procmail("inbox")},
	{"procmail-maildir", "procmail", procmail("Maildir/")},
	{"procmail-mh", "procmail", procmail("mh/.")},
	{"maildrop-maildir", "maildrop maildirmake.maildrop", maildrop("Maildir")},
	{"maildrop-mbox", "maildrop", maildrop("inbox")},
	{"mutt-mbox", "mutt script dovecot", copied("mutt", "mbox")},
	{"mutt-mmdf", "mutt script dovecot", copied("mutt", "MMDF")},
	{"mutt-maildir", "mutt script dovecot", copied("mutt", "Maildir")},
	{"mutt-mh", "mutt script dovecot", copied("mutt", "MH")},
	{"neomutt-mbox", "neomutt script dovecot", copied("neomutt", "mbox")},
	{"neomutt-mmdf", "neomutt script dovecot", copied("neomutt", "MMDF")},
	{"neomutt-maildir", "neomutt script dovecot", copied("neomutt", "Maildir")},
	{"neomutt-mh", "neomutt script dovecot", copied("neomutt", "MH")},
	{"mutt-in-place", "mutt script procmail", inPlace("mutt", (*workplace).full, "yes")},
	{"mutt-few", "mutt script procmail", inPlace("mutt", (*workplace).few, "no")},
	{"mutt-few-old", "mutt script procmail", inPlace("mutt", (*workplace).few, "yes")},
	{"neomutt-few", "neomutt script procmail", inPlace("neomutt", (*workplace).few, "no")},
	{"s-nail", "s-nail procmail", snail((*workplace).full)},
	{"s-nail-few", "s-nail procmail", snail((*workplace).few)},
	{"mailutils-few", "mail.mailutils procmail", mailutils},
	{"nmh", "/usr/bin/mh/inc procmail", nmh},
	{"python-mbox", "python3", python("mbox", (*workplace).full)},
	{"python-mmdf", "python3", python("MMDF", (*workplace).full)},
	{"python-maildir", "python3", python("Maildir", (*workplace).full)},
	{"python-mh", "python3", python("MH", (*workplace).full)},
	{"python-few", "python3", python("mbox", (*workplace).few)},
	{"python-mmdf-few", "python3", python("MMDF", (*workplace).few)},
}

// byDovecot delivers with dovecot-lda and reads, answers and flags over IMAP.
func byDovecot(user string, states func(*workplace) map[string]letterState) func(*workplace) kept {
	return func(w *workplace) kept {
		w.server.deliver(w, user)
		w.server.mark(w, user, states(w))
		return w.server.served(w, user)
	}
}

const mbsyncrc = `IMAPAccount server
Host 127.0.0.1
Port %d
User %s
Pass secret
SSLType None
AuthMechs LOGIN

IMAPStore far
Account server

MaildirStore near
Path DIR/Mail/
Inbox DIR/Mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns INBOX Junk
Create Both
SyncState *
Sync All
`

// mbsync copies an account of the server into a Maildir.
func mbsync(w *workplace) kept {
	w.must(os.MkdirAll(w.path("Mail"), 0o755))
	w.sh(nil, "mbsync -c '%s' -a", w.write("rc", fmt.Sprintf(mbsyncrc, w.server.port, "maildir")))
	k := w.server.served(w, "maildir")
	k.paths = []string{w.path("Mail")}
	return k
}

// mbsyncBack copies the Maildir that mbsync wrote into another account, whose mail then bears X-TUID.
func mbsyncBack(w *workplace) kept {
	w.sh(nil, "cp -r ../mbsync/Mail . && find Mail -name '.mbsync*' -delete && find Mail -name '*,U=*' | while read -r f; do mv \"$f\" \"$(printf '%%s' \"$f\" | sed 's/,U=[0-9]*//')\"; done; find Mail -name '.uidvalidity' -delete")
	w.sh(nil, "mbsync -c '%s' -a", w.write("rc", fmt.Sprintf(mbsyncrc, w.server.port, "far")))
	return w.server.served(w, "far")
}

// offlineimap copies an account of the server into a Maildir.
func offlineimap(w *workplace) kept {
	rc := w.write("rc", fmt.Sprintf(`[general]
accounts = one
metadata = DIR/meta
ui = quiet
[Account one]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = DIR/Mail
[Repository far]
type = IMAP
remotehost = 127.0.0.1
remoteport = %d
remoteuser = maildir
remotepass = secret
ssl = no
starttls = no
auth_mechanisms = PLAIN
`, w.server.port))
	w.sh(nil, "offlineimap -o -c '%s'", rc)
	k := w.server.served(w, "maildir")
	k.paths = []string{w.path("Mail")}
	return k
}

// toFetch fills the account that programs fetch from: fetching marks as read.
func toFetch(w *workplace) kept {
	w.sh(nil, "cp -a '%s/Maildir' '%s/'", w.server.home("maildir"), w.server.home("fetched"))
	return w.server.served(w, "fetched")
}

// getmail fetches over IMAP and delivers into a Maildir.
func getmail(w *workplace) kept {
	w.write("getmail/getmailrc", fmt.Sprintf(`[retriever]
type = SimpleIMAPRetriever
server = 127.0.0.1
port = %d
username = fetched
password = secret
mailboxes = ("INBOX", "Junk")
[destination]
type = Maildir
path = DIR/Maildir/
[options]
read_all = true
`, w.server.port))
	// It does not run as root. Now and then it waits for ever for a child that has ended, so it has three tries.
	w.sh(nil, `for try in 1 2 3; do
	rm -rf Maildir && mkdir -p Maildir/new Maildir/cur Maildir/tmp && chown -R mail:mail .
	timeout 15 setpriv --reuid=mail --regid=mail --clear-groups getmail --quiet --getmaildir getmail && exit
done; exit 1`)
	// It folds long header fields anew.
	return kept{paths: []string{w.path("Maildir")}, states: w.unread(), rewritten: true}
}

// fetchmail fetches over IMAP and has procmail deliver.
func fetchmail(w *workplace) kept {
	w.write("procmailrc", "MAILDIR=DIR\n:0\nDIR/inbox\n")
	rc := w.write("fetchmailrc", fmt.Sprintf(`poll 127.0.0.1 protocol IMAP port %d user "fetched" password "secret" folder INBOX,Junk fetchall keep sslproto "" mda "procmail -f %%F -m DIR/procmailrc"
`, w.server.port))
	w.sh(nil, "FETCHMAILHOME=%s fetchmail --auth password -f '%s' || [ $? = 1 ]", w.dir, rc)
	return kept{paths: []string{w.path("inbox")}}
}

// procmail delivers into an mbox, a Maildir or an MH folder. With -m it leaves the system's mailbox alone. The mail is new, and only a Maildir says so.
func procmail(to string) func(*workplace) kept {
	return func(w *workplace) kept {
		w.sh(nil, "mkdir -p '%s'", filepath.Dir(to))
		rc := w.write("procmailrc", "MAILDIR=DIR\n:0\nDIR/"+to+"\n")
		for _, l := range w.letters {
			w.sh(l.raw, "procmail -f '%s' -m '%s'", l.from, rc)
		}
		k := kept{paths: []string{w.path(strings.TrimSuffix(to, "."))}}
		switch to {
		case "Maildir/":
			k.states = w.unread()
		case "mh/.":
			// Its MH files begin with a From_ line, as an mbox does, and nothing in them is quoted.
			k.split = "letter.1@sunny1.example"
		}
		return k
	}
}

// maildrop delivers into an mbox or a Maildir.
func maildrop(to string) func(*workplace) kept {
	return func(w *workplace) kept {
		k := kept{paths: []string{w.path(to)}}
		if to == "Maildir" {
			w.sh(nil, "maildirmake.maildrop Maildir")
			k.states = w.unread()
		}
		rc := w.write("filter", "to \"DIR/"+to+"\"\n")
		for _, l := range w.letters {
			w.sh(l.raw, "maildrop -f '%s' '%s'", l.from, rc)
		}
		return k
	}
}

// muttrc keeps a Mutt from asking.
const muttrc = `set mbox_type=%s sort=mailbox-order confirmappend=no confirmcreate=no delete=no move=no quit=yes wait_key=no mark_old=%s check_new=no
set header_cache="" record="" folder="DIR" mbox="" postponed="" resolve=no
`

// mutt plays keys to a program of the Mutt family, on a terminal that script makes.
func mutt(w *workplace, bin, box, markOld, kind, keys string) {
	w.Helper()
	rc := muttrc
	if bin == "neomutt" {
		rc = strings.ReplaceAll(rc, " check_new=no", "")
	}
	w.write("muttrc", fmt.Sprintf(rc, kind, markOld)+"push \""+keys+"\"\n")
	w.sh(nil, "script -qec \"%s -n -F '%s' -f '%s'\" /dev/null </dev/null", bin, w.path("muttrc"), box)
}

// copied lets Mutt copy the server's Maildir into a store of its own.
func copied(bin, kind string) func(*workplace) kept {
	return func(w *workplace) kept {
		k := w.server.served(w, "maildir")
		w.sh(nil, "cp -r '%s/Maildir' source && mv source/.Junk/cur/* source/cur", w.server.home("maildir"))
		mutt(w, bin, w.path("source"), "yes", kind,
			"<tag-pattern>~A<enter><tag-prefix><copy-message><kill-line>"+w.path("copy")+"<enter><exit>")
		k.paths = []string{w.path("copy")}
		return k
	}
}

// inPlace lets Mutt read, answer and flag mail in the mbox that procmail wrote.
func inPlace(bin string, states func(*workplace) map[string]letterState, markOld string) func(*workplace) kept {
	return func(w *workplace) kept {
		want := states(w)
		w.sh(nil, "cp ../procmail-mbox/inbox inbox")
		keys := ""
		for _, f := range []struct {
			is  func(letterState) bool
			key string
		}{{isSeen, "<clear-flag>N"}, {isReplied, "<set-flag>r"}, {isFlagged, "<set-flag>!"}} {
			numbers := w.numbers(want, f.is)
			if len(numbers) == 0 {
				continue
			}
			for _, n := range numbers {
				keys += "<tag-pattern>~m " + n + "-" + n + "<enter>"
			}
			keys += "<tag-prefix>" + f.key + "<untag-pattern>~A<enter>"
		}
		mutt(w, bin, w.path("inbox"), markOld, "mbox", keys+"<sync-mailbox><quit>")
		return kept{paths: []string{w.path("inbox")}, states: want}
	}
}

// snail reads, answers and flags with s-nail.
func snail(states func(*workplace) map[string]letterState) func(*workplace) kept {
	return func(w *workplace) kept {
		want := states(w)
		w.sh(nil, "cp ../procmail-mbox/inbox inbox")
		script := ""
		for _, f := range []struct {
			is      func(letterState) bool
			command string
		}{{isSeen, "Type"}, {isReplied, "answered"}, {isFlagged, "flag"}} {
			for _, n := range w.numbers(want, f.is) {
				script += f.command + " " + n + "\n"
			}
		}
		w.sh([]byte(script+"quit\n"), "s-nail -:/ -Shold -Skeepsave -f inbox >/dev/null")
		return kept{paths: []string{w.path("inbox")}, states: want}
	}
}

// mailutils reads a few with GNU mail.
func mailutils(w *workplace) kept {
	want := w.few()
	w.sh(nil, "cp ../procmail-mbox/inbox inbox")
	w.sh([]byte("print "+strings.Join(w.numbers(want, isSeen), " ")+"\nquit\n"), "mail.mailutils -n -E 'set hold' -f inbox >/dev/null")
	return kept{paths: []string{w.path("inbox")}, states: want}
}

// nmh incorporates procmail's mbox and keeps the state in sequences.
func nmh(w *workplace) kept {
	want := w.full()
	w.write(".mh_profile", "Path: Mail\nUnseen-Sequence: unseen\n")
	w.sh(nil, "cp ../procmail-mbox/inbox inbox && mkdir -p Mail/inbox && inc -silent -file inbox +inbox")
	w.sh(nil, "mark +inbox -sequence unseen -delete %s", strings.Join(w.numbers(want, isSeen), " "))
	w.sh(nil, "mark +inbox -sequence replied -add %s", strings.Join(w.numbers(want, isReplied), " "))
	w.sh(nil, "mark +inbox -sequence flagged -add %s", strings.Join(w.numbers(want, isFlagged), " "))
	return kept{paths: []string{w.path("Mail")}, states: want}
}

const pythonMailbox = `import mailbox, sys
kind, path, states = sys.argv[1:]
box = getattr(mailbox, kind)(path)
for line in open(states):
    name, seen, replied, flagged = line.split()
    m = mailbox.MaildirMessage(open(name, "rb").read())
    m.set_subdir("cur")
    m.set_flags(("S" if seen == "true" else "") + ("R" if replied == "true" else "") + ("F" if flagged == "true" else ""))
    box.add(getattr(mailbox, kind + "Message")(m))
box.flush()
box.close()
`

// python writes a store of one kind with Python's module mailbox.
func python(kind string, states func(*workplace) map[string]letterState) func(*workplace) kept {
	return func(w *workplace) kept {
		want := states(w)
		list := ""
		for _, l := range w.letters {
			s := want[l.id]
			list += fmt.Sprintln(l.file, s.seen, s.replied, s.flagged)
		}
		w.sh(nil, "python3 '%s' %s box '%s'", w.write("box.py", pythonMailbox), kind, w.write("list", list))
		return kept{paths: []string{w.path("box")}, states: want}
	}
}
