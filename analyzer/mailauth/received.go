package mailauth

import (
	"net/netip"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// maxTrace is the longest Received field that is read, and maxTraceRaw how much of it a hop keeps.
const (
	maxTrace    = 16 << 10
	maxTraceRaw = 1000
)

// ParseReceived reads the body of a Received field (RFC 5321 §4.4). Index is left 0.
//
// What matters is who wrote which part. The server that adds the field writes the address it was called from, mostly
// in a comment; the name the client gave in HELO or EHLO is the client's own text, an address literal in it included.
// Which is which depends on the program:
//
//	Postfix, Sendmail, Gmail   from HELO (rdns [address]) by …
//	Exim                       from rdns ([address] helo=HELO) by …, from [address] (helo=HELO) by …
//	qmail, Yahoo! JAPAN        from rdns (HELO helo) (address) by …
//	Exchange, Outlook.com      from HELO (address) by host (address) with Microsoft SMTP Server …
//	Yahoo                      from address (EHLO helo) by …
//	GMX                        from rdns (EHLO helo) [address] by …
//	Openwave, nifty            from HELO([address]) by …
//
// Client and RDNS are set only from what the server wrote; where that can't be told they stay empty. A reverse name
// that the server calls "unknown" or "may be forged" is left out. What the client supplied (HELO, the answer of its ident
// server, the envelope sender, names in its certificate, anything in quotes) is never read as anything else. Where it got
// among the clauses, so that there are two by-clauses, or in a comment that does not end, and where a field is longer than
// servers write, the hop is Odd: of it the client's address counts and nothing else, and it is nobody's own.
func ParseReceived(body string) fact.Hop {
	return new(trace).received(body)
}

// received is ParseReceived; a trace is used for one field after the other.
func (t *trace) received(body string) fact.Hop {
	h, when := t.hop(body)
	h.Time, h.Zone = date(when)
	h.Raw = cutRaw(body, maxTraceRaw)
	return h
}

// hop is received without Raw and Time; when is what date reads the time from.
func (t *trace) hop(body string) (h fact.Hop, when string) {
	if len(body) > maxTrace {
		return fact.Hop{Odd: true}, ""
	}
	t.lex, t.seen, t.exim = lexer{s: withoutEnvelope(body)}, false, false
	t.from, t.by = t.fromSpace[:0], t.bySpace[:0]
	when = t.read(&h)
	t.client(&h)
	if h.Odd {
		h = fact.Hop{Helo: h.Helo, Client: h.Client, Odd: true}
	}
	return h, when
}

// withoutEnvelope leaves out the comment in which Exim and others write the envelope sender as it came: a quoted local part
// may hold parentheses, semicolons and words that begin clauses (RFC 5321 §4.1.2).
func withoutEnvelope(body string) string {
	for _, name := range [...]string{"(envelope-from <", "(envelope-sender <"} {
		i := strings.Index(body, name)
		if i < 0 {
			continue
		}
		quoted := false
		for j := i + len(name); j < len(body); j++ {
			switch c := body[j]; {
			case c == '\\' && quoted:
				j++
			case c == '"':
				quoted = !quoted
			case c == '>' && !quoted:
				if j+1 < len(body) && body[j+1] == ')' {
					return body[:i] + body[j+2:]
				}
				return body
			}
		}
	}
	return body
}

// cutRaw unfolds a field's body and cuts it to n bytes at a character border.
func cutRaw(body string, n int) string {
	return script.Cut(folded(body), n)
}

// trace is one Received field while it is read.
type trace struct {
	lex  lexer
	from []token // words and comments between "from" and the next clause
	by   []token // the same behind "by", with those of the clauses that follow
	seen bool    // there is a from clause
	exim bool
	// Room for the tokens of most fields.
	fromSpace, bySpace [8]token
}

// clause returns a word that starts a clause in lower case, "" for other words (RFC 5321 §4.4).
func clause(w string) string {
	switch len(w) {
	case 2, 3, 4:
		w = strings.ToLower(w)
		switch w {
		case "from", "by", "via", "with", "id", "for":
			return w
		}
	}
	return ""
}

// read divides the field into its clauses, and returns what stands behind them: the date.
func (t *trace) read(h *fact.Hop) (when string) {
	in, twice := "", false
	for {
		tok, ok := t.lex.next()
		if !ok {
			break
		}
		if tok.kind == semicolon {
			// No clause stands behind it: a message that begins with white space is a continuation of this field.
			when = t.lex.s[tok.end:]
			break
		}
		if tok.kind == word {
			if c := clause(tok.text); c != "" && starts(c, in) {
				if c == "by" && h.By != "" {
					twice = true
				}
				if c == "from" {
					t.seen = true
				}
				in = c
				continue
			} else if c == "by" && t.seen {
				twice = true // the clauses before it came with HELO
			}
		}
		switch in {
		case "":
			// Before any clause stands what Sendmail and qmail say of a message that was handed in on their own machine.
			if tok.kind == comment && h.Local == "" {
				h.Local = localUser(tok.text)
			}
		case "from":
			t.from = append(t.from, tok)
		case "by":
			if h.By == "" && tok.kind == word {
				h.By = strings.ToLower(strings.Trim(strings.TrimSuffix(tok.text, "."), "[]"))
			}
			t.by = append(t.by, tok)
		case "with":
			if tok.kind == word {
				if h.With != "" {
					h.With += " "
				}
				h.With += tok.text
			}
			t.by = append(t.by, tok)
		case "id":
			if h.ID == "" && tok.kind == word {
				h.ID = tok.text
			}
			t.by = append(t.by, tok)
		case "for":
			if h.For == "" && tok.kind == word {
				h.For = strings.Trim(tok.text, "<>")
			}
		}
	}
	// Only the first comment behind "by" is the program's own; those that follow can quote the envelope sender, whose
	// quoted local part holds any text: Exim writes (envelope-from <"x) (fetchmail-6.4"@evil.example>) as it came.
	first := true
	for _, b := range t.by {
		if b.kind != comment {
			continue
		}
		t.exim = t.exim || strings.HasPrefix(b.text, "Exim ")
		if !first {
			continue
		}
		first = false
		if h.With != "" && fetcher(b.text) {
			h.With += " (" + b.text + ")"
		}
		if h.Local == "" {
			h.Local = localUser(b.text)
		}
	}
	if h.Local == "" && t.exim && strings.EqualFold(h.With, "local") && len(t.from) > 0 && t.from[0].kind == word {
		h.Local = bounded(t.from[0].text)
	}
	// qmail-scanner writes "by host by uid 502".
	h.Odd = t.lex.open || twice && !strings.Contains(t.lex.s, " by uid ")
	h.By, h.With, h.ID, h.For = bounded(h.By), bounded(h.With), bounded(h.ID), bounded(h.For)
	return when
}

// date reads the date behind the first semicolon, or where none stands there, as some programs put one elsewhere, behind
// the last one.
func date(rest string) (time.Time, string) {
	first, _, more := strings.Cut(rest, ";")
	d := message.ParseDate(first)
	if d.Time.IsZero() && more {
		d = message.ParseDate(rest[strings.LastIndexByte(rest, ';')+1:])
	}
	return d.Time, d.Zone
}

// starts reports whether clause c can begin inside clause in: clauses have an order, and a host may be called "id".
func starts(c, in string) bool {
	switch c {
	case "from":
		return in == ""
	case "by":
		return in == "" || in == "from" || in == "by"
	default:
		return in != "" && in != "from"
	}
}

// localUser is who handed a message in on the server's own machine, as Postfix ("Postfix, from userid 33"), qmail ("qmail
// 1234 invoked by uid 1001") and Sendmail ("from www@localhost") tell it; "" for other comments.
func localUser(comment string) string {
	if i := strings.Index(comment, "from userid "); i >= 0 && strings.Contains(comment[:i], ", ") {
		return bounded(comment[i+len("from "):])
	}
	if rest, ok := strings.CutPrefix(comment, "qmail "); ok {
		if _, who, ok := strings.Cut(rest, "invoked by "); ok && strings.HasPrefix(who, "uid ") {
			return bounded(who)
		}
		return ""
	}
	if who, ok := strings.CutPrefix(comment, "from "); ok && !strings.Contains(who, " ") {
		return bounded(who)
	}
	return ""
}

// fetcher reports whether a comment names a program that fetches mail from another mailbox.
func fetcher(s string) bool {
	s = strings.ToLower(s)
	for _, p := range []string{"fetchmail", "getmail", "mpop", "fdm", "mbsync", "offlineimap"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func bounded(s string) string {
	if len(s) > maxValue {
		return ""
	}
	return s
}

// client finds HELO, client address and reverse name in the from clause.
func (t *trace) client(h *fact.Hop) {
	if !t.seen || len(t.from) == 0 {
		return
	}
	name := ""
	if t.from[0].kind == word {
		name = t.from[0].text
	}
	h.Helo = bounded(name)
	helo := false // a comment of the server's names HELO, so the first word is the server's too
	for _, tok := range t.from {
		if tok.kind != comment {
			continue
		}
		if v, ok := heloComment(tok.text); ok {
			helo = true
			h.Helo = bounded(v)
			continue
		}
		if a, rdns, inner, ok := addressComment(tok.text); ok {
			// No server writes the client's address twice. Where two stand, one came with HELO, with an ident answer or with
			// the name in a certificate, and which cannot be told.
			if h.Client != "" {
				h.Client, h.RDNS = "", ""
				return
			}
			h.Client, h.RDNS = a.String(), rdns
			if inner != "" {
				h.Helo = bounded(inner)
				helo = true
			}
			if h.RDNS == "" && t.exim {
				h.RDNS = hostName(name)
			}
		}
	}
	if h.Client == "" {
		t.wordAddress(h, name, helo)
	}
	if helo && h.RDNS == "" && h.Client != "" {
		h.RDNS = hostName(name)
	}
}

// wordAddress finds the client address where it stands outside comments.
func (t *trace) wordAddress(h *fact.Hop, name string, helo bool) {
	for _, tok := range t.from[1:] {
		if tok.kind == word && strings.HasPrefix(tok.text, "[") {
			if a, ok := address(tok.text); ok {
				h.Client = a.String()
				return
			}
		}
	}
	// The first word is the client's own HELO, unless the server wrote HELO elsewhere, or is Exim and had nothing else
	// to write.
	if helo || t.exim && strings.HasPrefix(name, "[") {
		if a, ok := address(name); ok {
			h.Client = a.String()
		}
	}
}

// heloComment reads the comments by which servers tell the name that the client gave.
func heloComment(s string) (name string, ok bool) {
	for _, p := range []string{"HELO ", "EHLO ", "helo=", "HELO=", "EHLO=", "ehlo="} {
		if strings.HasPrefix(s, p) {
			v := s[len(p):]
			if i := strings.IndexByte(v, ' '); i >= 0 {
				v = v[:i]
			}
			return v, true
		}
	}
	return "", false
}

// addressComment reads "rdns [address]", "ident@rdns [address] (may be forged)", "[address]:port helo=name" and
// "address".
func addressComment(s string) (a netip.Addr, rdns, helo string, ok bool) {
	if a, ok = address(s); ok {
		return a, "", "", true
	}
	for _, p := range []string{"ident=", "account ", "port=", "Client CN", "using ", "client did", "No client", "Authenticated"} {
		if strings.HasPrefix(s, p) {
			return a, "", "", false // the answer of the client's ident server, and what is no address
		}
	}
	// What follows is the client's text again: Exim's helo= and ident=, Zmailer's quoted HELO.
	head := s
	for _, p := range []string{" helo=", " ident=", " \"", " HELO ", " EHLO "} {
		if i := strings.Index(head, p); i >= 0 {
			head = head[:i]
		}
	}
	if i := strings.Index(s, " helo="); i >= 0 {
		helo, _, _ = strings.Cut(s[i+len(" helo="):], " ")
	}
	open := strings.LastIndexByte(head, '[')
	if open < 0 {
		return a, "", "", false
	}
	end := strings.IndexByte(head[open:], ']')
	if end < 0 {
		return a, "", "", false
	}
	if a, ok = address(head[open : open+end+1]); !ok {
		return a, "", "", false
	}
	name := strings.TrimSpace(head[:open])
	if i := strings.LastIndexByte(name, '@'); i >= 0 {
		name = name[i+1:] // Sendmail puts the answer of the client's ident server first
	}
	if !strings.Contains(name, " ") && !strings.Contains(s, "may be forged") {
		rdns = hostName(name)
	}
	return a, rdns, helo, true
}

// hostName is a reverse name in lower case without its final dot, "" where it is none.
func hostName(s string) string {
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	if s == "unknown" || s == "localhost" || len(s) > 253 || !strings.Contains(s, ".") {
		return ""
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return ""
		}
	}
	// Of what is written with these characters only addresses end in a digit.
	if last := s[len(s)-1]; last >= '0' && last <= '9' {
		if _, err := netip.ParseAddr(s); err == nil {
			return ""
		}
	}
	return s
}

// address reads an address with what servers put around it: brackets, "IPv6:", a port, a zone.
func address(s string) (netip.Addr, bool) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 || end+1 < len(s) && s[end+1] != ':' {
			return netip.Addr{}, false
		}
		s = s[1:end]
	}
	if len(s) > 5 && strings.EqualFold(s[:5], "IPv6:") {
		s = s[5:]
	}
	if i := strings.IndexByte(s, '%'); i >= 0 {
		s = s[:i]
	}
	if len(s) > 45 || len(s) < 2 || !addressStart(s[0]) {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		// Farcaster, Amazon's own, writes [address:port].
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		a = ap.Addr()
	}
	return a.Unmap(), true
}

// addressStart reports whether an address, with or without a port, can begin with c. Most comments begin with a name, and a
// parser that fails makes an error.
func addressStart(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' || c == ':' || c == '['
}
