package mailauth

import (
	"net/netip"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
)

// Path is how a message came into the mailbox, as its trace tells.
//
// Hops are read from the top. Those that the mailbox's own side added are skipped: hops inside the receiver, and the
// hops of programs that fetched the message from another mailbox of the owner. The first hop that took the message from
// a foreign client is the boundary. What stands above it was written by the own side; of the boundary hop itself the
// client address and its reverse name are the receiver's; everything below is the sender's, whatever it claims.
type Path struct {
	// Boundary is the index of the boundary hop in the trace, -1 where there is none: no trace, or a message that was
	// written inside the receiver.
	Boundary int
	// Domain stands for the receiver: the registrable domain of the boundary's by-host.
	Domain string
	// Fetch is the index of the lowest hop above the boundary by which a program fetched the message from another
	// mailbox; -1 where there is none. Results above it belong to the import.
	Fetch int
	// Way names the hops that were skipped and are not beyond doubt, from the top: each with its two ends as they are, digits
	// too, since at a hosting company sv1234 is not sv5678, and with the user who handed the message in on the machine itself.
	// Whether nearly all mail takes this way is for the profile to say; "" for none.
	Way string
	// Top is the machine that wrote the topmost hop which is the boundary or has a part in Way; "" where it has no name.
	Top string
	// Plain tells that every skipped hop is beyond doubt: of the boundary's own receiver in the fixed table, a hop
	// without a client, or on the machine itself. Trust that is only assumed asks for it.
	Plain bool
	// Submitted tells that the boundary hop is a submission: a client that logged in, a user of the machine itself, the
	// loopback or a private address. Nothing was checked about the sender, and nothing below it is evidence.
	Submitted bool
}

// class is what a hop is.
type class uint8

const (
	foreign   class = iota // took the message from a foreign client
	passed                 // names no client: handed on inside one machine or program
	loop                   // from the machine itself
	inside                 // from another machine of the receiver
	fetched                // by a program that fetches mail from another mailbox
	submitted              // written inside the receiver: nothing came from outside
	local                  // handed in by a user of the machine itself
	login                  // by a client that logged in
)

// Trace finds the boundary of a trace (AUTHENTICITY §3). Hops that are not beyond doubt are skipped only where own says that
// their way is one by which the mailbox's mail comes in; nil says so of every way, for those who are to learn it. Whether
// the receiver found is one of the owner's is for the profile to say.
func Trace(hops []fact.Hop, own func(way string) bool) Path {
	p := Path{Boundary: -1, Fetch: -1, Plain: true}
	skipped := make([]int, 0, 8)
	// doubt is the first labelled hop behind the longest way that is the owner's; way is that of all labelled hops so far.
	way, doubt, at := "", -1, Path{}
	for i := range hops {
		h := &hops[i]
		c := classify(h)
		if l := label(h, c); l != "" && (c != fetched || way != "") {
			if way == "" {
				p.Top = h.By
			}
			before := p
			before.Way = way
			way = join(way, l)
			switch {
			case own == nil || own(way):
				doubt = -1
			case doubt < 0:
				doubt, at = i, before
			}
		}
		switch c {
		case fetched:
			p.Fetch = i
			// Above a fetch lie the hops of the machine that fetched: only ones on that machine itself are beyond doubt.
			for _, j := range skipped {
				if c := classify(&hops[j]); c != passed && c != loop && c != local {
					p.Plain = false
				}
			}
			skipped = skipped[:0]
		case passed, loop, inside, local:
			skipped = append(skipped, i)
		case submitted:
			if doubt >= 0 {
				return entered(at, doubt, hops)
			}
			return p
		case foreign, login:
			if doubt >= 0 {
				return entered(at, doubt, hops)
			}
			p.Boundary, p.Way = i, way
			p.Domain = Domain(h.By)
			if way == "" {
				p.Top = h.By
			}
			p.Submitted = c == login
			p.Plain = p.Plain && plain(hops, skipped, receiverOf(h.By))
			return p
		}
	}
	if doubt >= 0 {
		return entered(at, doubt, hops)
	}
	return p
}

// entered is the path of a message that came in at a hop which is no way of the owner's mail.
func entered(p Path, i int, hops []fact.Hop) Path {
	p.Boundary, p.Domain, p.Submitted, p.Plain = i, Domain(hops[i].By), true, false
	if c := classify(&hops[i]); c == inside && hops[i].RDNS != "" {
		p.Submitted = false // a neighbour: what the own receiver says of him counts
	}
	return p
}

// label names a hop in a way; "" for one that is beyond doubt: without a client, or between machines that the fixed table
// knows for one operator's.
func label(h *fact.Hop, c class) string {
	switch c {
	case local:
		return "user=" + h.Local + ">" + h.By
	case loop:
		return "loop=" + strings.ToLower(h.Helo) + ">" + h.By
	case fetched:
		return "fetch>" + h.By
	case inside:
		a, err := netip.ParseAddr(h.Client)
		r := receiverOf(h.By)
		if r != nil && (err == nil && (a.IsLoopback() || r.contains(a)) || matchAny(r.Inner, h.By)) {
			return ""
		}
		return h.RDNS + "[" + h.Client + "]>" + h.By
	}
	return ""
}

// longestWay is how many bytes a way has at most: what is longer is nobody's usual way.
const longestWay = 300

// join adds a label to a way. One that grows too long can no longer be told from others, and is marked so.
func join(way, label string) string {
	label = strings.ReplaceAll(label, " ", "_")
	switch {
	case way == "":
		way = label
	default:
		way += " " + label
	}
	if len(way) > longestWay {
		return way[:longestWay] + "…"
	}
	return way
}

// plain reports whether skipped hops are beyond doubt, given the receiver of the boundary.
func plain(hops []fact.Hop, skipped []int, r *receiver) bool {
	for _, i := range skipped {
		h := &hops[i]
		// A hop without client and without host name ("by 2002:… with SMTP id …", "(qmail 123 invoked …)") can't be
		// told apart by owner, and can't be forged above a real one.
		if h.Client == "" && h.Local == "" && (h.By == "" || hostname.IsIP(h.By) || !strings.Contains(h.By, ".")) {
			continue
		}
		if r == nil || receiverOf(h.By) != r {
			return false
		}
	}
	return true
}

// Domain stands for the receiver that a by-host belongs to: the domain of its row in the fixed table, or else its
// registrable domain. A receiver that writes its machines' private addresses, as Yahoo does ("by 10.217.151.75 with
// SMTPs"), is told by their block. It is "" for any other address and for no host.
func Domain(by string) string {
	if by == "" {
		return ""
	}
	if r := receiverOf(by); r != nil {
		return r.Domain
	}
	if a, err := netip.ParseAddr(by); err == nil {
		for _, block := range privateBlocks {
			if block.Contains(a) {
				return block.String()
			}
		}
		return ""
	}
	return hostname.Registrable(by)
}

func classify(h *fact.Hop) class {
	proto, _, _ := strings.Cut(h.With, " ")
	proto = strings.ToUpper(proto)
	switch {
	case h.Odd:
		return foreign // nobody's own
	case h.Local != "":
		return local
	case h.By == "gmailapi.google.com" || proto == "HTTPREST":
		return fetched // AUTHENTICITY §3: re-import through the Gmail API
	case fetchProtocol(proto) || strings.Contains(h.With, "(") && fetcher(h.With[strings.IndexByte(h.With, '(')+1:]):
		return fetched
	case proto == "MAPI" && h.ID != "":
		// Exchange writes "with mapi id" where its own user handed the message in; delivery has no id.
		return submitted
	case strings.HasPrefix(proto, "LMTP") || proto == "MAPI" || strings.HasPrefix(proto, "QMAIL-SCANNER"):
		return passed // protocols that are not spoken with strangers (RFC 2033 §4.1)
	case h.Helo == "" && h.Client == "":
		return passed
	}
	r := receiverOf(h.By)
	if r != nil && matchAny(r.Inner, h.By) {
		return inside
	}
	a, err := netip.ParseAddr(h.Client)
	switch {
	case r != nil && err == nil && (a.IsLoopback() || r.contains(a)):
		return inside // one operator runs all of it
	case authenticated(h.With):
		return login
	case err != nil:
		return foreign // the name alone is the client's own
	}
	switch {
	case a.IsLoopback() || h.Client == h.By:
		return loop
	case a.IsPrivate() || a.IsLinkLocalUnicast() || shared.Contains(a):
		return inside
	case r != nil:
		// A large provider's customers send from its own machines too: only its inner networks are inside.
		return foreign
	case h.RDNS != "" && !hostname.IsIP(h.By) && strings.Contains(h.By, ".") && hostname.Under(h.RDNS, hostname.Registrable(h.By)):
		return inside
	}
	return foreign
}

// privateBlocks are the private networks (RFC 1918).
var privateBlocks = [...]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16")}

// shared is the address space of carrier-grade NAT (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// fetchProtocol reports whether mail is fetched, not delivered, by a protocol.
func fetchProtocol(p string) bool {
	switch p {
	case "POP", "POP3", "POP3S", "APOP", "KPOP", "IMAP", "IMAP4", "IMAP4REV1", "IMAPS", "IMAP4S", "ODMR", "SDPS":
		return true
	}
	return false
}

// authenticated reports whether the protocol says that the client logged in (RFC 3848: a final A), or wrote in a web mailer.
func authenticated(with string) bool {
	proto, _, _ := strings.Cut(with, " ")
	switch strings.ToUpper(proto) {
	case "ESMTPA", "ESMTPSA", "SMTPA", "ASMTP", "LMTPA", "LMTPSA", "UTF8SMTPA", "UTF8SMTPSA", "HTTP", "HTTPS", "HTTPU", "HTTPREST":
		return true
	}
	return false
}
