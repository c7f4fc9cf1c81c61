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
	// Way names the hops inside the receiver that were skipped and name a client, by the form of the client's name:
	// "gw#.example.net", or "private" for one in a private network without a name. They were told from foreign
	// ones by a name or an address that a neighbour at the same hosting company has too, or that all the world has where
	// a gateway translates addresses. Whether mail usually takes this way is for the profile to say. "" for none.
	Way string
	// Plain tells that every skipped hop is beyond doubt: of the boundary's own receiver in the fixed table, a hop
	// without a client, or on the machine itself. Trust that is only assumed asks for it.
	Plain bool
	// Submitted tells that the client of the boundary hop logged in: the message was written by a customer of the
	// receiver, and nothing was checked about its sender.
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
)

// Trace finds the boundary of a trace (DOMAIN §5.3). It needs nothing but the message; whether the receiver found is
// one of the owner's is for the profile to say.
func Trace(hops []fact.Hop) Path {
	p := Path{Boundary: -1, Fetch: -1, Plain: true}
	skipped := make([]int, 0, 8)
	for i := range hops {
		h := &hops[i]
		switch classify(h) {
		case fetched:
			p.Fetch = i
			// Above a fetch lie the hops of the machine that fetched: only ones on that machine itself are beyond doubt.
			for _, j := range skipped {
				if c := classify(&hops[j]); c != passed && c != loop {
					p.Plain = false
				}
			}
			skipped = skipped[:0]
			p.Way = ""
		case passed, loop, inside:
			skipped = append(skipped, i)
			p.Way = join(p.Way, way(h))
		case submitted:
			return p
		case foreign:
			p.Boundary = i
			p.Domain = Domain(h.By)
			p.Submitted = login(h.With)
			p.Plain = p.Plain && plain(hops, skipped, receiverOf(h.By))
			return p
		}
	}
	return p
}

// way is the form of a skipped hop's client: its name with digits as "#"; "" for a hop on the machine itself, or between
// machines that the fixed table knows for the receiver's own.
func way(h *fact.Hop) string {
	a, err := netip.ParseAddr(h.Client)
	r := receiverOf(h.By)
	switch {
	case err != nil || a.IsLoopback() || h.Client == h.By || r != nil && (r.contains(a) || matchAny(r.Inner, h.By)):
		return ""
	case h.RDNS != "":
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return '#'
			}
			return r
		}, h.RDNS)
	}
	return "private"
}

// join adds a form to a way, which names each form once and does not grow beyond what real ways have.
func join(way, form string) string {
	const longest = 200
	switch {
	case form == "" || way == form || strings.HasSuffix(way, " "+form) || len(way)+len(form) > longest:
		return way
	case way == "":
		return form
	}
	return way + " " + form
}

// plain tells whether skipped hops are beyond doubt, given the receiver of the boundary.
func plain(hops []fact.Hop, skipped []int, r *receiver) bool {
	for _, i := range skipped {
		h := &hops[i]
		// A hop without client and without host name ("by 2002:… with SMTP id …", "(qmail 123 invoked …)") can't be
		// told apart by owner, and can't be forged above a real one.
		if h.Client == "" && (h.By == "" || hostname.IsIP(h.By)) {
			continue
		}
		if r == nil || receiverOf(h.By) != r {
			return false
		}
	}
	return true
}

// Domain stands for the receiver that a by-host belongs to: the domain of its row in the fixed table, or else its
// registrable domain; "" for an address or no host.
func Domain(by string) string {
	if by == "" {
		return ""
	}
	if r := receiverOf(by); r != nil {
		return r.Domain
	}
	if hostname.IsIP(by) {
		return ""
	}
	return hostname.Registrable(by)
}

func classify(h *fact.Hop) class {
	proto, _, _ := strings.Cut(h.With, " ")
	proto = strings.ToUpper(proto)
	switch {
	case h.By == "gmailapi.google.com" || proto == "HTTPREST":
		return fetched // DOMAIN §5.3: re-import through the Gmail API
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
	if err != nil {
		return foreign // the name alone is the client's own
	}
	switch {
	case a.IsLoopback() || h.Client == h.By:
		return loop
	case a.IsPrivate() || a.IsLinkLocalUnicast() || shared.Contains(a):
		return inside
	case r != nil:
		// A large provider's customers send from its own machines too: only its inner networks are inside.
		if r.contains(a) {
			return inside
		}
		return foreign
	case h.RDNS != "" && !hostname.IsIP(h.By) && strings.Contains(h.By, ".") && hostname.Under(h.RDNS, hostname.Registrable(h.By)):
		return inside
	}
	return foreign
}

// shared is the address space of carrier-grade NAT (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// fetchProtocol tells whether mail is fetched, not delivered, by a protocol.
func fetchProtocol(p string) bool {
	switch p {
	case "POP", "POP3", "POP3S", "APOP", "KPOP", "IMAP", "IMAP4", "IMAP4REV1", "IMAPS", "IMAP4S", "ODMR", "SDPS":
		return true
	}
	return false
}

// login tells whether the protocol says that the client logged in (RFC 3848: a final A), or wrote in a web mailer.
func login(with string) bool {
	proto, _, _ := strings.Cut(with, " ")
	switch strings.ToUpper(proto) {
	case "ESMTPA", "ESMTPSA", "SMTPA", "ASMTP", "LMTPA", "LMTPSA", "UTF8SMTPA", "UTF8SMTPSA", "HTTP", "HTTPS", "HTTPU", "HTTPREST":
		return true
	}
	return false
}
