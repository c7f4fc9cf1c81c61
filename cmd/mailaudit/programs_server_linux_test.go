package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// server is a Dovecot on the loopback interface. Each user's store is of another kind.
type server struct {
	dir, conf string
	port      int
}

const dovecotConf = `base_dir = DIR/run
state_dir = DIR/state
log_path = DIR/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_plugins = zlib
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = passwd-file
  args = DIR/users
}
namespace inbox {
  inbox = yes
  mailbox Junk {
    auto = create
    special_use = \Junk
  }
}
service imap-login {
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = 0
  }
}
service auth {
  unix_listener auth-userdb {
    mode = 0666
  }
}
`

// users are the stores of the server: the fields of the user database beside the home.
var users = map[string]string{
	"maildir": "userdb_mail=maildir:~/Maildir",
	"fsdir":   "userdb_mail=maildir:~/Mail:LAYOUT=fs:INBOX=~/Mail/Inbox",
	"mbox":    "userdb_mail=mbox:~/mail:INBOX=~/inbox",
	"gzip":    "userdb_mail=maildir:~/Maildir userdb_zlib_save=gz",
	"zstd":    "userdb_mail=maildir:~/Maildir userdb_zlib_save=zstd",
	"lz4":     "userdb_mail=maildir:~/Maildir userdb_zlib_save=lz4",
	"fetched": "userdb_mail=maildir:~/Maildir",
	"far":     "userdb_mail=maildir:~/Maildir",
	"sdbox":   "userdb_mail=sdbox:~/sdbox",
}

// startServer starts Dovecot and ends it with the test. It returns nil and says why where there is none to start.
func startServer(t *testing.T, dir string) *server {
	t.Helper()
	bin, err := exec.LookPath("dovecot")
	if err != nil {
		bin = "/usr/sbin/dovecot"
	}
	version, err := exec.Command(bin, "--version").Output()
	switch {
	case err != nil:
		t.Log("left out: dovecot is not installed")
		return nil
	case !strings.HasPrefix(string(version), "2.3."):
		t.Logf("left out: dovecot %.20s has other settings than 2.3", version)
		return nil
	case os.Getuid() != 0:
		t.Log("left out: the dovecot of a user who is not root")
		return nil
	}
	s := &server{dir: filepath.Join(dir, "dovecot"), port: freePort(t)}
	s.conf = filepath.Join(s.dir, "conf")
	var list strings.Builder
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(s.dir, "state"), 0o755))
	// 8 is the user and the group mail in Debian and in most systems: Dovecot writes no mail as root.
	for name, fields := range users {
		home := filepath.Join(s.dir, "home", name)
		must(os.MkdirAll(home, 0o755))
		must(os.Chown(home, 8, 8))
		fmt.Fprintf(&list, "%s::8:8::%s::%s\n", name, home, fields)
	}
	must(os.WriteFile(filepath.Join(s.dir, "users"), []byte(list.String()), 0o644))
	must(os.WriteFile(s.conf, []byte(strings.NewReplacer("DIR", s.dir, "PORT", strconv.Itoa(s.port)).Replace(dovecotConf)), 0o644))
	cmd := exec.Command(bin, "-F", "-c", s.conf)
	must(cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	for range 100 {
		c, err := net.Dial("tcp", s.address())
		if err == nil {
			_ = c.Close()
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	t.Fatalf("dovecot does not answer\n%s", log)
	return nil
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *server) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

func (s *server) home(user string) string { return filepath.Join(s.dir, "home", user) }

// imapClient speaks as much IMAP (RFC 3501) as this test needs.
type imapClient struct {
	t *testing.T
	c net.Conn
	r *bufio.Reader
	n int
}

func (s *server) login(t *testing.T, user string) *imapClient {
	t.Helper()
	c, err := net.Dial("tcp", s.address())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	i := &imapClient{t: t, c: c, r: bufio.NewReader(c)}
	i.line()
	i.do("LOGIN " + user + " secret")
	return i
}

var literal = regexp.MustCompile(`\{(\d+)\}$`)

// line reads a response; literals stand in it as they are.
func (i *imapClient) line() string {
	i.t.Helper()
	var all strings.Builder
	for {
		line, err := i.r.ReadString('\n')
		if err != nil {
			i.t.Fatalf("IMAP: %v", err)
		}
		line = strings.TrimRight(line, "\r\n")
		all.WriteString(line)
		m := literal.FindStringSubmatch(line)
		if m == nil {
			return all.String()
		}
		n, _ := strconv.Atoi(m[1])
		raw := make([]byte, n)
		if _, err := io.ReadFull(i.r, raw); err != nil {
			i.t.Fatalf("IMAP: %v", err)
		}
		all.Write(raw)
	}
}

// do sends a command and gives the untagged responses. parts beside the first are literals.
func (i *imapClient) do(command string, literals ...[]byte) []string {
	i.t.Helper()
	i.n++
	tag := fmt.Sprintf("a%d", i.n)
	send := tag + " " + command
	for _, l := range literals {
		fmt.Fprintf(i.c, "%s {%d+}\r\n%s", send, len(l), l)
		send = ""
	}
	fmt.Fprintf(i.c, "%s\r\n", send)
	var out []string
	for {
		line := i.line()
		if rest, ok := strings.CutPrefix(line, tag+" "); ok {
			if !strings.HasPrefix(rest, "OK") {
				i.t.Fatalf("IMAP: %.60s: %s", command, rest)
			}
			return out
		}
		out = append(out, line)
	}
}

var messageID = regexp.MustCompile(`(?is)message-id:\s*<([^>]*)>`)

// states are what the server says of the messages of its folders.
func (i *imapClient) states(folders ...string) map[string]letterState {
	i.t.Helper()
	m := map[string]letterState{}
	for _, f := range folders {
		i.do("SELECT " + f)
		for _, r := range i.do("FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])") {
			id := messageID.FindStringSubmatch(r)
			if !strings.Contains(r, " FETCH (") || id == nil {
				continue
			}
			flags, _, _ := strings.Cut(r[strings.Index(r, "FLAGS (")+7:], ")")
			has := func(f string) bool { return strings.Contains(flags, f) }
			m[id[1]] = letterState{seen: has(`\Seen`), replied: has(`\Answered`), flagged: has(`\Flagged`)}
		}
	}
	return m
}

// deliver gives letters to Dovecot's delivery agent: every fourth into the folder for junk.
func (s *server) deliver(w *workplace, user string) {
	w.Helper()
	for n, l := range w.letters {
		folder := "INBOX"
		if n%4 == 3 {
			folder = "Junk"
		}
		w.sh(l.raw, "dovecot-lda -c '%s' -d %s -f '%s' -m %s", s.conf, user, l.from, folder)
	}
}

// mark gives the messages of all folders their states, over IMAP.
func (s *server) mark(w *workplace, user string, states map[string]letterState) {
	w.Helper()
	i := s.login(w.T, user)
	defer i.c.Close()
	for _, folder := range []string{"INBOX", "Junk"} {
		i.do("SELECT " + folder)
		for _, r := range i.do("FETCH 1:* (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])") {
			id := messageID.FindStringSubmatch(r)
			if !strings.Contains(r, " FETCH (") || id == nil {
				continue
			}
			n, st := strings.Fields(r)[1], states[id[1]]
			for flag, on := range map[string]bool{`\Seen`: st.seen, `\Answered`: st.replied, `\Flagged`: st.flagged} {
				if on {
					i.do("STORE " + n + " +FLAGS.SILENT (" + flag + ")")
				}
			}
		}
	}
	i.do("LOGOUT")
}

// served is a store of the server with the states that it says they have.
func (s *server) served(w *workplace, user string) kept {
	w.Helper()
	i := s.login(w.T, user)
	defer i.c.Close()
	return kept{paths: []string{s.home(user)}, states: i.states("INBOX", "Junk")}
}
