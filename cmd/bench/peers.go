package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// peer is another program that goes through a mailbox.
type peer struct {
	name string
	does string
	// prepare makes what it needs in a fresh folder and returns the command that is measured.
	prepare func(dir, mbox, maildir string) ([]string, error)
}

var peers = []peer{
	{"mu", "indexes a Maildir", func(dir, _, maildir string) ([]string, error) {
		home := filepath.Join(dir, "mu")
		_, err := command("mu", "init", "--quiet", "--muhome="+home, "--maildir="+maildir)
		return []string{"mu", "index", "--quiet", "--muhome=" + home}, err
	}},
	{"notmuch", "indexes a Maildir", func(dir, _, maildir string) ([]string, error) {
		config := filepath.Join(dir, "notmuch.conf")
		text := "[database]\npath=" + filepath.Join(dir, "notmuch") + "\nmail_root=" + maildir + "\n[user]\nname=x\nprimary_email=x@example.com\n[new]\ntags=new\n"
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			return nil, err
		}
		return []string{"notmuch", "--config=" + config, "new", "--quiet"}, os.MkdirAll(filepath.Join(dir, "notmuch"), 0o700)
	}},
	{"mairix", "indexes an mbox", func(dir, mbox, _ string) ([]string, error) {
		config := filepath.Join(dir, "mairixrc")
		text := "base=" + filepath.Dir(mbox) + "\nmbox=" + filepath.Base(mbox) + "\ndatabase=" + filepath.Join(dir, "mairix.db") + "\nmfolder=" + filepath.Join(dir, "found") + "\n"
		return []string{"mairix", "-f", config}, os.WriteFile(config, []byte(text), 0o600)
	}},
	{"python3", "mailbox.mbox: subject of each message", func(_, mbox, _ string) ([]string, error) {
		return []string{"python3", "-c", "import mailbox,sys\nfor m in mailbox.mbox(sys.argv[1]): m['subject']", mbox}, nil
	}},
	{"rg", "counts From_ lines", func(_, mbox, _ string) ([]string, error) {
		return []string{"rg", "-c", "^From ", mbox}, nil
	}},
}

// peers measures mailaudit and each program that is installed, in turn, over the same messages.
func (b *bench) peers() error {
	defer b.sweep()
	mbox, err := b.data("mixed", b.size)
	if err != nil {
		return err
	}
	maildir, err := b.data("mixeddir", b.size)
	if err != nil {
		return err
	}
	mbox, err = filepath.Abs(mbox)
	if err != nil {
		return err
	}
	if maildir, err = filepath.Abs(maildir); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "program\tdoes\tseconds\tMB/s\tcpu seconds\tpeak memory\tmailaudit is faster by\n")
	for _, p := range peers {
		if _, err := exec.LookPath(p.name); err != nil {
			fmt.Fprintf(b.out, "%s\tnot installed\t\t\t\t\t\n", p.name)
			continue
		}
		var ours, theirs usage
		for range b.rounds {
			dir, err := os.MkdirTemp(b.dir, "report-*")
			if err != nil {
				return err
			}
			if dir, err = filepath.Abs(dir); err != nil {
				return err
			}
			args, err := p.prepare(dir, mbox, maildir)
			if err != nil {
				return err
			}
			t, err := command(args[0], args[1:]...)
			if err != nil {
				return err
			}
			scan, err := b.scan(mbox, 2)
			if err != nil {
				return err
			}
			o, err := command(scan[0], scan[1:]...)
			if err != nil {
				return err
			}
			theirs, ours = faster(theirs, t), faster(ours, o)
			b.sweep()
		}
		fmt.Fprintf(b.out, "%s\t%s\t%.2f\t%.0f\t%.2f\t%d MiB\t%.2f\n", p.name, p.does, theirs.wall.Seconds(), mega(b.size, theirs.wall), theirs.cpu.Seconds(), theirs.peak>>20,
			theirs.wall.Seconds()/ours.wall.Seconds())
		fmt.Fprintf(b.out, "  mailaudit\tin turn with it\t%.2f\t%.0f\t%.2f\t%d MiB\t\n", ours.wall.Seconds(), mega(b.size, ours.wall), ours.cpu.Seconds(), ours.peak>>20)
		if err := b.out.Flush(); err != nil { // some take minutes
			return err
		}
	}
	return nil
}

func faster(a, b usage) usage {
	if a.wall == 0 || b.wall < a.wall {
		return b
	}
	return a
}
