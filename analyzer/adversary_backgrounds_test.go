package analyzer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// letter is one message of a mailbox under attack.
type letter struct {
	id, text string
	folder   string // "" for the inbox
	at       time.Time
	envelope string
	attack   []string // moves; nil for other mail
	share    string   // for honest notices: what they are counted under
}

// boxed is a mailbox while it is filled.
type boxed struct {
	rng      *rand.Rand
	r        *receiver
	other    *receiver // of backgrounds with two
	letters  []letter
	n        int
	at       time.Time
	step     time.Duration
	total    int
	i        int                      // of total
	receiver func() (*receiver, bool) // who takes the next message in, and whether it writes no result now
	format   string                   // "" for a Maildir
	flooded  bool                     // honest mail may be lost in a flood
}

// background is what the mailbox is like apart from the attack.
type background struct {
	name string
	make func(b *boxed)
}

// changing makes the receiver's results begin or stop in the middle.
func changing(b *boxed, silent func() bool) {
	b.receiver = func() (*receiver, bool) { return b.r, silent() }
}

var backgrounds = []background{
	{"one receiver", func(*boxed) {}},
	{"two receivers", func(b *boxed) {
		if b.r.ownHost() && b.other.ownHost() {
			b.other = &adversaryReceivers[0] // two programs do not share a host
		}
		b.receiver = func() (*receiver, bool) {
			if b.rng.IntN(2) == 0 {
				return b.other, false
			}
			return b.r, false
		}
	}},
	{"receiver changed", func(b *boxed) {
		b.receiver = func() (*receiver, bool) {
			if b.i < b.total/2 {
				return b.other, false
			}
			return b.r, false
		}
	}},
	{"results begun", func(b *boxed) { changing(b, func() bool { return b.i < b.total/2 }) }},
	{"results stopped", func(b *boxed) { changing(b, func() bool { return b.i >= b.total/2 }) }},
	{"sparse", func(b *boxed) { b.total, b.step = 30+b.rng.IntN(30), 8*24*time.Hour }},
	{"lists and forwards", nil},
	{"junk full of fakes", nil},
	{"one mbox", func(b *boxed) { b.format = mboxWriters[b.rng.IntN(len(mboxWriters))] }},
}

// mail adds what an arrival brings.
func (b *boxed) mail(l letter) { l.at = b.at; b.letters = append(b.letters, l) }

func (b *boxed) next() (time.Time, int) {
	b.n++
	b.at = b.at.Add(b.step)
	return b.at, b.n
}

// ordinary adds a message of one of thirty senders.
func (b *boxed) ordinary() {
	s := b.rng.IntN(30)
	d := fmt.Sprintf("sender%d.example", s)
	at, n := b.next()
	a := arrival{at: at, n: n, client: client{"out." + d, "out." + d, fmt.Sprintf("198.51.%d.7", 100+s), "b@" + d}, checks: checks{"pass", "pass", "pass", d, d}}
	r, silent := b.receiver()
	b.mail(letter{id: fmt.Sprintf("b%03d", n), envelope: a.from, text: r.deliver(&a, silent,
		fmt.Sprintf("From: News <news@%s>\nTo: %s\nSubject: weekly %d\nDate: %s\nMessage-ID: <b%d@%s>\n\nhello %d\n", d, owner, n, a.fill("{date}"), n, d, n))})
}

// listed adds a message of a mailing list, which every receiver takes from the list's machine.
func (b *boxed) listed() {
	at, n := b.next()
	a := arrival{at: at, n: n, client: client{"lists.sourceforge.net", "lists.sourceforge.net", "216.105.38.7", "devel-bounces@lists.sourceforge.net"},
		checks: checks{"fail", "pass", "fail", "member.example", "member.example"}}
	r, silent := b.receiver()
	b.mail(letter{id: fmt.Sprintf("l%03d", n), envelope: a.from, text: r.deliver(&a, silent,
		fmt.Sprintf("From: Member <m@member.example>\nTo: devel@lists.sourceforge.net\nSubject: [devel] patch %d\nList-Id: <devel.lists.sourceforge.net>\nDate: %s\nMessage-ID: <l%d@member.example>\n\nhello %d\n", n, a.fill("{date}"), n, n))})
}

// honest adds a genuine notice. Through a forwarder the signature stays good and the envelope sender is another.
func (b *boxed) honest(forwarder string) {
	at, n := b.next()
	a := amazons(at, n)
	r, silent := b.receiver()
	id := fmt.Sprintf("h%03d", n)
	text := adversaryNotice(&a, id)
	l := letter{id: id, share: "direct"}
	if forwarder != "" {
		hop := a.fill("Received: from {helo} ({rdns} [{ip}])\n\tby " + forwarder + " (Postfix) with ESMTPS id 7{n}\n\tfor <old@old.example>; {date}\n")
		text = hop + text
		a.client = client{forwarder, forwarder, "192.0.2.33", "SRS0=ab=cd=bounces.amazon.co.jp=x@old.example"}
		l.share = "forwarded by a listed service"
		if !r.above && !strings.Contains(r.hop, "{rdns}") && !strings.Contains(r.hop, "{exim}") {
			l.share = "forwarded by a listed service, results below by a receiver that does not name the client"
		}
		if strings.HasSuffix(forwarder, ".old.example") {
			l.share = "forwarded by an unlisted host"
			if !r.above && r.name != "gmail" && r.name != "icloud" && !strings.HasPrefix(r.name, "gmail") {
				l.share += ", results below"
			}
		}
	}
	if silent || r.silent {
		l.share = ""
	}
	l.envelope = a.from
	l.text = r.deliver(&a, silent, text)
	b.mail(l)
}

// attacked adds one forged message, or a campaign of them.
func (b *boxed) attacked() {
	r, silent := b.receiver()
	at, n := b.next()
	x := &attack{r: r, rng: b.rng, missing: silent, a: arrival{at: at, n: n, client: client{"mail.evil.example", "mail.evil.example", "203.0.113.9", "a@evil.example"},
		checks: checks{"none", "pass", "fail", "evil.example", "amazon.co.jp"}}}
	if b.rng.IntN(3) == 0 {
		x.a.rdns = ""
	}
	for range 1 + b.rng.IntN(3) {
		m := moves[b.rng.IntN(len(moves))]
		if m.own && !r.ownHost() {
			continue
		}
		x.moves = append(x.moves, m.name)
		m.do(x)
	}
	b.forge(x, "x")
}

// ownHost reports whether the owner's own host takes the mail in.
func (r *receiver) ownHost() bool { return strings.Contains(r.hop, ".own.example") }

// forge adds the message that an attacker made.
func (b *boxed) forge(x *attack, kind string) {
	id := fmt.Sprintf("%s%03d", kind, x.a.n)
	body := fmt.Sprintf("From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nTo: %s\nSubject: Amazon.co.jp\nDate: %s\nMessage-ID: <%s@us-west-2.amazonses.com>\n", owner, x.a.fill("{date}"), id) + lureBody
	if x.replay {
		a := amazons(x.a.at, x.a.n)
		body = adversaryNotice(&a, id)
	}
	l := letter{id: id, folder: x.folder, envelope: x.a.from, attack: append([]string{}, x.moves...)}
	if x.top != "" {
		l.text = "Delivered-To: " + owner + "\n" + x.top + x.header + body
	} else {
		r := *x.r
		if x.hop != "" {
			r.hop = x.hop
		}
		l.text = r.deliver(&x.a, x.missing, x.header+body)
	}
	b.mail(l)
}

// networks are the addresses and envelope domains that one attacker can rent.
const networks = 8

// campaign is many messages of one attacker, who teaches with them what the last ones need.
type campaign struct {
	name string
	own  bool
	do   func(b *boxed, x *attack, i int) // changes the message i
}

var campaigns = []campaign{
	{"flood by one sender", false, func(b *boxed, x *attack, i int) { x.header = x.forged() }},
	{"flood by one sender, results missing", false, func(b *boxed, x *attack, i int) { x.missing = true; x.header = x.forged() }},
	{"flood by eight networks and domains", false, func(b *boxed, x *attack, i int) { x.rent(i); x.header = x.forged() }},
	{"flood by eight networks and domains, results missing", false, func(b *boxed, x *attack, i int) {
		x.rent(i)
		x.missing = true
		x.header = x.forged()
	}},
	{"junk that teaches", false, func(b *boxed, x *attack, i int) {
		x.a.ip, x.a.from, x.a.rdns, x.a.helo = fmt.Sprintf("203.0.%d.9", i), fmt.Sprintf("a@evil%d.example", i), fmt.Sprintf("m.evil%d.example", i), fmt.Sprintf("m.evil%d.example", i)
		x.missing = true
		x.header = x.forged()
		if i < 35 {
			x.folder = ".Junk"
		}
	}},
	{"neighbour floods with forged boundaries", true, func(b *boxed, x *attack, i int) {
		x.a.helo, x.a.rdns, x.a.ip = "sv5678.own.example", "sv5678.own.example", "198.51.100.78"
		x.strangers(i)
	}},
	{"user of the host floods with forged boundaries", true, func(b *boxed, x *attack, i int) {
		moveNamed("handed in by a local user").do(x)
		x.header = ""
		x.strangers(i)
	}},
	{"loopback floods with forged boundaries", true, func(b *boxed, x *attack, i int) {
		x.a.client = client{"localhost", "localhost", "127.0.0.1", "www-data@own.example"}
		x.strangers(i)
	}},
	{"private client floods with forged boundaries", true, func(b *boxed, x *attack, i int) {
		x.a.client = client{"laptop", "", "192.168.1.7", "x@own.example"}
		x.strangers(i)
	}},
}

func moveNamed(name string) *move {
	for i := range moves {
		if moves[i].name == name {
			return &moves[i]
		}
	}
	panic("no move " + name)
}

// rent makes the sender one of those that the attacker has.
func (x *attack) rent(i int) {
	k := i % networks
	x.a.helo, x.a.rdns = fmt.Sprintf("m.evil%d.example", k), fmt.Sprintf("m.evil%d.example", k)
	x.a.ip, x.a.from = fmt.Sprintf("203.0.%d.9", k), fmt.Sprintf("a@evil%d.example", k)
}

// strangers writes a boundary below one's own hop: of mail that pretends to come from a sender of its own each time, and at
// last from Amazon.
func (x *attack) strangers(i int) {
	if i%4 == 3 {
		x.header = x.forgedHop() + x.header
		return
	}
	d := fmt.Sprintf("made%d.example", i)
	a := arrival{at: x.a.at, n: x.a.n, client: client{"out." + d, "out." + d, fmt.Sprintf("192.0.%d.7", i), "b@" + d}, checks: checks{"pass", "pass", "pass", d, "amazon.co.jp"}}
	h, res := a.fill(x.r.hop), a.fill(x.r.formOf())
	if x.r.above {
		h, res = res, h
	}
	x.header = "Return-Path: <b@" + d + ">\n" + h + res + x.header
}

// run lets a campaign loose over some weeks.
func (b *boxed) run(c *campaign) {
	step := b.step
	b.step = 9 * time.Hour // 40 messages in two weeks
	for i := range 40 {
		r, silent := b.receiver()
		if c.own && !r.ownHost() {
			continue
		}
		at, n := b.next()
		x := &attack{r: r, rng: b.rng, missing: silent, moves: []string{c.name}, a: arrival{at: at, n: n, client: client{"mail.evil.example", "mail.evil.example", "203.0.113.9", "a@evil.example"},
			checks: checks{"none", "pass", "fail", "evil.example", "amazon.co.jp"}}}
		c.do(b, x, i)
		b.forge(x, "c")
		if i%6 == 5 {
			b.ordinary()
		}
	}
	b.step = step
}

// adversary makes a mailbox under attack.
func adversary(seed uint64) (b *boxed, about string) {
	rng := rand.New(rand.NewPCG(seed, 13))
	all := uint64(len(adversaryReceivers))
	b = &boxed{rng: rng, r: &adversaryReceivers[seed%all], other: &adversaryReceivers[rng.IntN(len(adversaryReceivers))],
		at: time.Date(2025, 10, 10, 9, 0, 0, 0, time.UTC), step: 31 * time.Hour, total: 40 + rng.IntN(60)}
	b.receiver = func() (*receiver, bool) { return b.r, false }
	bg := &backgrounds[(seed/all+seed)%uint64(len(backgrounds))]
	if bg.make != nil {
		bg.make(b)
	}
	var c *campaign
	start := 0
	if rng.IntN(3) == 0 {
		c = &campaigns[rng.IntN(len(campaigns))]
		start = rng.IntN(b.total)
		if rng.IntN(3) == 0 {
			start = b.total - 1 // the mailbox ends with it
		}
		if c.own && !b.r.ownHost() {
			c = nil
		}
	}
	for b.i = range b.total {
		b.ordinary()
		if rng.IntN(10) == 0 {
			b.honest("")
		}
		if bg.name == "lists and forwards" {
			if rng.IntN(4) == 0 {
				b.listed()
			}
			switch rng.IntN(12) {
			case 0:
				b.honest("forward1.pobox.com")
			case 1:
				b.honest("mail.old.example")
			}
		}
		if bg.name == "junk full of fakes" && rng.IntN(3) == 0 {
			at, n := b.next()
			r, silent := b.receiver()
			x := &attack{r: r, rng: rng, missing: silent || rng.IntN(2) == 0, folder: ".Junk", moves: []string{"in junk"}, a: arrival{at: at, n: n,
				client: client{"m.example", "", fmt.Sprintf("203.%d.113.9", rng.IntN(200)), fmt.Sprintf("a@evil%d.example", rng.IntN(200))}, checks: checks{"none", "fail", "fail", "evil.example", "amazon.co.jp"}}}
			x.header = x.forged()
			b.forge(x, "j")
		}
		if rng.IntN(12) == 0 {
			b.attacked()
		}
		if c != nil && b.i == start {
			b.flooded = true
			b.run(c)
		}
	}
	about = b.r.name + ", " + bg.name
	if b.format != "" {
		about += " (" + b.format + ")"
	}
	if c != nil {
		about += ", " + c.name
	}
	return b, about
}
