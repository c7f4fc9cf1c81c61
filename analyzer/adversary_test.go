package analyzer_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// attack is a message that is being forged; moves change it.
type attack struct {
	r       *receiver
	rng     *rand.Rand
	a       arrival // what the receiver sees; forged fields pretend another
	missing bool    // the receiver writes no result on it
	top     string  // own hops written where the message was handed in, above the sender's header
	header  string  // before the usual fields of the sender
	replay  bool    // the signed notice of Amazon's, sent again
	moves   []string
}

// amazons is an arrival as of a real notice.
func amazons(at time.Time, n int) arrival {
	return arrival{at: at, n: n,
		client: client{"a8-50.smtp-out.us-west-2.amazonses.com", "a8-50.smtp-out.us-west-2.amazonses.com", "54.240.8.50", fmt.Sprintf("2026020312%06d@bounces.amazon.co.jp", n)},
		checks: checks{"pass", "pass", "pass", "amazon.co.jp", "amazon.co.jp"}}
}

func (x *attack) forged() string {
	a := amazons(x.a.at, x.a.n)
	return a.fill(x.r.formOf())
}

// formOf is the form of results that an attacker imitates: the receiver's, or the commonest where it has none.
func (r *receiver) formOf() string {
	if r.result == "" {
		return oneField("mx.own.example")
	}
	return r.result
}

// forgedHop is a boundary as if Amazon's machine had called.
func (x *attack) forgedHop() string {
	a := amazons(x.a.at, x.a.n)
	h := a.fill(x.r.hop)
	if x.r.above {
		return x.forged() + h
	}
	return h + x.forged()
}

// moves are what an attacker can do. Each may be combined with each.
var moves = []struct {
	name string
	do   func(x *attack)
	own  bool // only where the receiver is the owner's own host: no stranger can do this at a large provider
}{
	{"result missing, forged one in its place", func(x *attack) { x.missing = true; x.header = x.forged() + x.header }, false},
	{"forged result under the receiver's", func(x *attack) { x.header = x.forged() + x.header }, false},
	{"forged result without spf", func(x *attack) {
		x.header = "Authentication-Results: " + x.r.id + "; dkim=pass header.d=amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n" + x.header
	}, false},
	{"forged result, homoglyph id", func(x *attack) { x.header = strings.Replace(x.forged(), "m", "м", 1) + x.header }, false},
	{"forged boundary below", func(x *attack) { x.header = x.forgedHop() + x.header }, false},
	{"header begins with a tab", func(x *attack) {
		x.missing = x.missing || x.rng.IntN(2) == 0
		x.header = "\tdkim=pass header.d=amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n" + x.header
	}, false},
	{"folded field name", func(x *attack) {
		x.header = "Authentication-Results\n : x; dmarc=pass header.from=amazon.co.jp\n" + x.header
	}, false},
	{"handed in by a local user", func(x *attack) {
		local := "Received: by mx.own.example (Postfix, from userid 33)\n\tid 7{n}; {date}\n"
		if strings.Contains(x.r.hop, "Exim") {
			local = "Received: from www-data by mx.own.example with local (Exim 4.96)\n\t(envelope-from <www-data@own.example>)\n\tid 1xYDh3-{n}-1Y\n\tfor " + owner + ";\n\t{date}\n"
		} else if strings.Contains(x.r.hop, "8.17") {
			local = "Received: (from www-data@localhost)\n\tby mx.own.example (8.17.1/8.17.1/Submit) id 31{n};\n\t{date}\n"
		}
		x.top, x.header = x.a.fill(local), x.forgedHop()+x.header
	}, true},
	{"handed in on loopback", func(x *attack) {
		x.a.client = client{"localhost", "localhost", "127.0.0.1", "www-data@own.example"}
		x.header = x.forgedHop() + x.header
	}, true},
	{"client in a private network", func(x *attack) {
		x.a.client = client{"laptop", "", "192.168.1.7", "x@own.example"}
		x.header = x.forgedHop() + x.header
	}, true},
	{"neighbour at the hosting company", func(x *attack) {
		x.a.helo, x.a.rdns, x.a.ip = "sv5678.own.example", "sv5678.own.example", "198.51.100.78"
		x.header = x.forgedHop() + x.header
	}, false},
	{"quoted envelope sender", func(x *attack) {
		x.a.from = `"x) (fetchmail-6.4"@evil.example`
		x.header = x.forgedHop() + x.header
	}, false},
	{"quoted envelope sender that closes", func(x *attack) {
		x.a.from = `"x>); Thu, 1 Jan 2026 00:00:00 +0000"@evil.example`
		x.header = x.forgedHop() + x.header
	}, false},
	{"HELO a name of Amazon's", func(x *attack) { x.a.helo = "a8-50.smtp-out.us-west-2.amazonses.com" }, false},
	{"HELO an address of Amazon's", func(x *attack) { x.a.helo = "[54.240.8.50]" }, false},
	{"HELO with a by clause", func(x *attack) {
		x.a.helo = "x) by mx.own.example with esmtp (x" // Exim writes it as it came, Postfix not
		if !strings.Contains(x.r.hop, "{exim}") {
			x.a.helo = "x??by?mx.own.example?with?esmtp??x"
		}
		x.header = x.forgedHop() + x.header
	}, true},
	{"ident", func(x *attack) {
		if strings.Contains(x.r.hop, "{exim}") {
			x.a.helo += " ident=[54.240.8.50]"
		}
	}, false},
	{"fetchmail's hop forged", func(x *attack) {
		x.header = "Received: from imap.own.example [198.51.100.40]\n\tby mx.own.example with IMAP (fetchmail-6.4.37)\n\tfor <me@localhost> (single-drop); " + x.a.fill("{date}\n") + x.forgedHop() + x.header
	}, false},
	{"LMTP hop forged", func(x *attack) {
		x.header = "Received: from mx.own.example by mx.own.example with LMTP id x; " + x.a.fill("{date}\n") + x.forgedHop() + x.header
	}, false},
	{"ARC set forged", func(x *attack) {
		x.header = "ARC-Seal: i=1; a=rsa-sha256; t=1770120306; cv=none; d=google.com; s=arc-20240605; b=AAAA\nARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=google.com; s=arc-20240605; h=from:to:subject; bh=AAAA=; b=BBBB\n" +
			"ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@amazon.co.jp; spf=pass smtp.mailfrom=x@bounces.amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n" + x.header
	}, false},
	{"signature copied", func(x *attack) {
		x.header += "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=amazon.co.jp; s=sel; h=From:To:Subject:Date; bh=AAAA=; b=BBBB\n"
	}, false},
	{"NUL in a forged result", func(x *attack) { x.header = strings.Replace(x.forged(), "=pass", "=pass\x00", 1) + x.header }, false},
	{"lone CR before a forged result", func(x *attack) { x.header = "X-A: b\r" + x.forged() + x.header }, false},
	{"replay with a second Subject", func(x *attack) { x.replayed("Subject: Amazon: account on hold\n") }, false},
	{"replay with a second From", func(x *attack) { x.replayed("From: \"Amazon\" <a@evil.example>\n") }, false},
	{"replay with a second To", func(x *attack) { x.replayed("To: somebody@else.example\n") }, false},
	{"replay with a second Date", func(x *attack) { x.replayed("Date: Tue, 3 Feb 2026 00:00:00 +0000\n") }, false},
	{"replay with a second Content-Type", func(x *attack) { x.replayed("Content-Type: multipart/mixed; boundary=\"----=_evil\"\n") }, false},
}

// replayed makes the message a signed one with a field put on top: the receiver's results say pass.
func (x *attack) replayed(field string) {
	x.replay, x.missing = true, false
	x.a.checks = checks{"pass", "pass", "pass", "amazon.co.jp", "amazon.co.jp"}
	x.header = field + x.header
}

// adversary makes a mailbox, and tells what each message of interest is by its Message-ID.
func adversary(seed uint64) (r *receiver, mails map[string]string, attacks map[string][]string, honest map[string]bool) {
	rng := rand.New(rand.NewPCG(seed, 13))
	r = &adversaryReceivers[seed%uint64(len(adversaryReceivers))]
	mails, attacks, honest = make(map[string]string), make(map[string][]string), make(map[string]bool)
	start := time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)
	total := 40 + rng.IntN(60)
	n := 0
	next := func() time.Time { n++; return start.Add(time.Duration(n) * 31 * time.Hour) }
	for range total {
		s := rng.IntN(30)
		d := fmt.Sprintf("sender%d.example", s)
		a := arrival{at: next(), n: n, client: client{"out." + d, "out." + d, fmt.Sprintf("198.51.%d.7", 100+s), "b@" + d}, checks: checks{"pass", "pass", "pass", d, d}}
		mails[fmt.Sprintf("b%03d", n)] = r.deliver(&a, false, fmt.Sprintf("From: News <news@%s>\nTo: %s\nSubject: weekly %d\nDate: %s\nMessage-ID: <b%d@%s>\n\nhello %d\n", d, owner, n, a.fill("{date}"), n, d, n))
		if rng.IntN(10) == 0 {
			a := amazons(next(), n)
			id := fmt.Sprintf("h%03d", n)
			honest[id] = true
			mails[id] = r.deliver(&a, false, adversaryNotice(&a, id))
		}
		if rng.IntN(12) == 0 {
			at := next()
			x := &attack{r: r, rng: rng, a: arrival{at: at, n: n, client: client{"mail.evil.example", "mail.evil.example", "203.0.113.9", "a@evil.example"},
				checks: checks{"none", "pass", "fail", "evil.example", "amazon.co.jp"}}}
			if rng.IntN(3) == 0 {
				x.a.rdns = ""
			}
			for range 1 + rng.IntN(3) {
				m := moves[rng.IntN(len(moves))]
				if m.own && !strings.Contains(r.hop, "mx.own.example") {
					continue
				}
				x.moves = append(x.moves, m.name)
				m.do(x)
			}
			id := fmt.Sprintf("x%03d", n)
			attacks[id] = x.moves
			body := fmt.Sprintf("From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nTo: %s\nSubject: Amazon.co.jp\nDate: %s\nMessage-ID: <%s@us-west-2.amazonses.com>\n", owner, x.a.fill("{date}"), id) + lureBody
			if x.replay {
				a := amazons(at, n)
				body = adversaryNotice(&a, id)
			}
			if x.top != "" {
				mails[id] = "Delivered-To: " + owner + "\n" + x.top + x.header + body
			} else {
				mails[id] = r.deliver(&x.a, x.missing, x.header+body)
			}
		}
	}
	return r, mails, attacks, honest
}

func adversaryNotice(a *arrival, id string) string {
	s := strings.Replace(notice, "haruka@example.com", owner, 1)
	s = strings.Replace(s, "Tue, 3 Feb 2026 12:05:04 +0000", a.fill("{date}"), 1)
	return strings.Replace(s, "0101019c2d3e4f50-11111111-2222-3333-4444-555555555555-000000@", id+"@", 1)
}

// openReceivers are those whose honest notices are known to be lost; while there are any the test is skipped at its end.
// Yahoo's hosts call themselves by an address.
var openReceivers = []string{"yahoo"}

// TestAdversary composes attacks at random against models of receivers and holds two invariants: no attack is believed, and
// honest notices in the same mailbox stay genuine. MAILAUDIT_ADVERSARY is the number of mailboxes; MAILAUDIT_SEED tries one.
func TestAdversary(t *testing.T) {
	from, count := uint64(0), uint64(120)
	if testing.Short() {
		count = uint64(2 * len(adversaryReceivers))
	}
	if v, err := strconv.ParseUint(os.Getenv("MAILAUDIT_ADVERSARY"), 10, 64); err == nil {
		count = v
	}
	if v, err := strconv.ParseUint(os.Getenv("MAILAUDIT_SEED"), 10, 64); err == nil {
		from, count = v, 1
	}
	attacked, genuine, notices, known := 0, 0, 0, 0
	for seed := from; seed < from+count; seed++ {
		r, mails, attacks, honest := adversary(seed)
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "cur"), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, sub := range []string{"new", "tmp"} {
			if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		for id, text := range mails {
			if err := os.WriteFile(filepath.Join(dir, "cur", id+".host:2,S"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		f, _, _ := scanPaths(t, 2, dir)
		seen := 0
		for i := range f.Len() {
			m, err := f.Message(i)
			if err != nil {
				t.Fatal(err)
			}
			id, _, _ := strings.Cut(filepath.Base(m.Location.Path[len(m.Location.Path)-1]), ".")
			if x, ok := attacks[id]; ok {
				seen++
				attacked++
				if believed(m) {
					t.Errorf("seed %d, %s, %s: %s by %s; moves: %s", seed, r.name, id, m.Verdict, m.Rule, strings.Join(x, " + "))
				}
			}
			if honest[id] && !r.silent {
				seen++
				if m.Verdict != finding.Genuine && slices.Contains(openReceivers, r.name) {
					known++
					t.Logf("seed %d, %s, %s: an honest notice is %s by %s", seed, r.name, id, m.Verdict, m.Rule)
					continue
				}
				notices++
				if m.Verdict == finding.Genuine {
					genuine++
				} else {
					t.Logf("seed %d, %s, %s: an honest notice is %s by %s", seed, r.name, id, m.Verdict, m.Rule)
				}
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if want := len(attacks); seen < want {
			t.Errorf("seed %d, %s: %d records for %d attacks: some were not looked at", seed, r.name, seen, want)
		}
	}
	if 100*genuine < 99*notices {
		t.Errorf("%d of %d honest notices are genuine, want 99 %%", genuine, notices)
	}
	if count > 1 && (attacked < int(count) || notices < int(count)) {
		t.Errorf("only %d attacks and %d honest notices in %d mailboxes", attacked, notices, count)
	}
	t.Logf("%d attacks; %d of %d honest notices genuine", attacked, genuine, notices)
	if known > 0 && !t.Failed() {
		t.Skipf("%d verdicts are wrong in ways that are known and not mended yet: see openReceivers", known)
	}
}

// believed reports whether a person would take the verdict for a statement that the mail is Amazon's and harmless.
func believed(m *finding.Message) bool {
	return m.Verdict == finding.Genuine || m.Verdict == finding.LikelyGenuine || m.Verdict == finding.GenuineRelay && m.ContentRisk != "high"
}
