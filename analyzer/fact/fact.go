// Package fact holds what the stages of a scan hand to one another.
//
// Extract reads each message once. Every message adds to a Tally; a candidate also gives a Fact: all that later stages
// may ever want from its bytes, so that no byte of mail is read again. Facts stand on a Spool in the output folder, in
// source order. Learn turns Tally and Facts into a Profile; Judge needs only (Fact, Profile).
//
// Tallies merge by addition, which is commutative and associative, and what bounds a Tally depends on one message only,
// never on the first N seen. So the same mail gives the same Profile whatever the number of workers.
package fact

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Version is the version of Fact, Tally and Profile as stored. A change of it means reading the mail again.
const Version = 4

// Key orders facts: source, mailbox inside it, place in the mailbox, each from 0.
type Key struct {
	Source  int `json:"s"`
	Mailbox int `json:"m"`
	// Offset is that of the message's bytes in an mbox; elsewhere, where all messages begin at 0, their ordinal.
	Offset int64 `json:"o"`
}

// Compare orders keys.
func (k Key) Compare(o Key) int {
	switch {
	case k.Source != o.Source:
		return k.Source - o.Source
	case k.Mailbox != o.Mailbox:
		return k.Mailbox - o.Mailbox
	case k.Offset < o.Offset:
		return -1
	case k.Offset > o.Offset:
		return 1
	}
	return 0
}

// Fact is one candidate.
type Fact struct {
	Key      Key               `json:"key"`
	Location evidence.Location `json:"loc"`
	// SHA256 is that of the bytes as stored, Content that of the normalised message (finding.Message.ID): the same for
	// every copy of a message, however it was moved, exported or read.
	SHA256  evidence.Digest `json:"sha" form:"apart"`
	Content evidence.Digest `json:"content" form:"apart"`
	// Former is the id that the message had by the first version of the fields that Content leaves out, "" where it is the
	// same: what was told and acknowledged under it is known again.
	Former string `json:"former,omitempty"`
	// Group names what trust is learned over: the mailbox, or the folder of single-message files.
	Group string `json:"group"`
	// Envelope is the From_ line of an mbox; absent elsewhere.
	Envelope *Envelope `json:"env,omitempty"`

	MessageID   string            `json:"mid,omitempty"`
	From        []finding.Address `json:"from,omitempty"` // all addresses of all From fields
	FromFields  int               `json:"fromn,omitempty"`
	Doubled     []Doubled         `json:"doubled,omitempty"` // header fields that a message has once and this one has twice or more
	Sender      *finding.Address  `json:"sender,omitempty"`
	ReplyTo     []finding.Address `json:"reply,omitempty"`
	To          []finding.Address `json:"to,omitempty"` // To and Cc, at most 50
	DeliveredTo []string          `json:"dto,omitempty"`
	ReturnPath  string            `json:"rp,omitempty"` // "<>" for the empty path; absent where there is no field
	Subject     string            `json:"subj,omitempty"`
	Date        *Date             `json:"date,omitempty"`
	Language    string            `json:"lang,omitempty"`

	Trace      []Hop       `json:"trace,omitempty"`   // Received fields, topmost first
	Results    []Result    `json:"results,omitempty"` // Authentication-Results and kin, topmost first
	Signatures []Signature `json:"dkim,omitempty"`    // DKIM-Signature fields, topmost first

	FeedbackID string   `json:"fid,omitempty"`
	XHeaders   []string `json:"xh,omitempty"` // names, lower case, of X- fields that the fingerprint of a sender uses
	ListID     string   `json:"list,omitempty"`
	Mailer     string   `json:"mailer,omitempty"` // X-Mailer or User-Agent

	Brand       string `json:"brand,omitempty"`  // brand the message is about: "amazon" or an issuer's id
	Marketplace string `json:"market,omitempty"` // "co.jp", "com", …
	// Signals are those of the message alone, from the detectors.
	Signals     []finding.Signal     `json:"sig,omitempty"`
	ContentRisk string               `json:"risk,omitempty"`
	Links       Links                `json:"links,omitempty" form:"apart"`
	Attachments []finding.Attachment `json:"att,omitempty"`

	Event    finding.Event    `json:"event,omitempty"`
	Severity finding.Severity `json:"sev,omitempty"`
	Details  *finding.Details `json:"det,omitempty"`
	Entry    string           `json:"entry,omitempty"` // of the notice catalogue, "" where none matched

	// Read is what container and message say; Status* are the fields of that name, believed only where the file's own
	// messages show that a reader wrote them.
	Read    *finding.Read `json:"read,omitempty"`
	Status  string        `json:"status,omitempty"`
	XStatus string        `json:"xstatus,omitempty"`

	// Forward is set where the message is a person's forward: "inline", "attached".
	Forward string `json:"fwd,omitempty"`
	// ForwardOnly is set where a forward has no text of its own worth the name.
	ForwardOnly bool `json:"fwdonly,omitempty"`
	// Inner is set where Brand, Signals and Event come from an enclosed message.
	Inner bool `json:"inner,omitempty"`
	// Alias is the original sender that an alias service (Hide My Email and the like) encoded in From.
	Alias string `json:"alias,omitempty"`
}

// Envelope is the From_ line of an mbox.
type Envelope struct {
	Sender string    `json:"sender,omitempty"`
	Time   time.Time `json:"time,omitzero"` // zero where it has none or an impossible one
	Style  string    `json:"style"`         // "asctime", "takeout", "thunderbird", "bare", "uucp", "rfc4155", …
	// Doubt says why it is not certain that a message starts here; empty when it is certain.
	Doubt string `json:"doubt,omitempty"`
}

// Date is the Date field.
type Date struct {
	Raw   string    `json:"raw,omitempty"`
	Time  time.Time `json:"time,omitzero"`  // zero where it can't be read
	Zone  string    `json:"zone,omitempty"` // as written: "+0000", "+000", "JST"
	Doubt string    `json:"doubt,omitempty"`
}

// Hop is one Received field (RFC 5321 §4.4).
type Hop struct {
	Index  int    `json:"i"`              // index of the field in the header, from 0 at the top
	Helo   string `json:"helo,omitempty"` // what the client called itself: never evidence for the client
	RDNS   string `json:"rdns,omitempty"` // reverse name that the server wrote beside the address
	Client string `json:"ip,omitempty"`   // client address that the server wrote; never an address literal in HELO
	By     string `json:"by,omitempty"`
	With   string `json:"with,omitempty"`
	ID     string `json:"id,omitempty"`
	For    string `json:"for,omitempty"`
	// Local names the user of the server's own machine who handed the message in ("userid 33", "uid 1001", "www@localhost",
	// "www-data"), "" where the message came from elsewhere.
	Local string    `json:"local,omitempty"`
	Time  time.Time `json:"time,omitzero"`
	Zone  string    `json:"zone,omitempty"`
	Odd   bool      `json:"odd,omitempty"` // no program writes such a field: only Helo and Client are read of it
	Raw   string    `json:"raw,omitempty"` // unfolded, at most 1,000 bytes
}

// Doubled is a header field that stands in a message more than once though RFC 5322 §3.6 and RFC 2045 allow one: readers show
// the first, and signatures cover the last (RFC 6376 §5.4.2).
type Doubled struct {
	Name        string `json:"n"`
	First, Last string // decoded, at most 200 bytes
}

// Result is one field with authentication results: Authentication-Results (RFC 8601), ARC-Authentication-Results
// (RFC 8617) or Received-SPF (RFC 7208 §9.1).
type Result struct {
	Index      int      `json:"i"`
	Field      string   `json:"f"`              // lower-case field name
	AuthservID string   `json:"id,omitempty"`   // lower case; empty where the field has none
	Instance   int      `json:"inst,omitempty"` // ARC instance
	Methods    []Method `json:"m,omitempty"`
	Raw        string   `json:"raw,omitempty"` // unfolded, at most 2,000 bytes
	Defect     string   `json:"defect,omitempty"`
}

// Method is one method of a result (RFC 8601 §2.2).
type Method struct {
	Method  string     `json:"m"`           // lower case: "dkim", "spf", "dmarc", "arc", "compauth", …
	Result  string     `json:"r,omitempty"` // lower case
	Reason  string     `json:"reason,omitempty"`
	Comment string     `json:"c,omitempty"`
	Props   []Property `json:"p,omitempty"`
}

// Property is one property of a method: Type "header", "smtp", "policy" or ""; Name; Value.
type Property struct {
	Type  string `json:"t,omitempty"`
	Name  string `json:"n"`
	Value string `json:"v"`
}

// Prop returns the first property with the type and name, or "".
func (m Method) Prop(typ, name string) string {
	for _, p := range m.Props {
		if p.Type == typ && p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Signature is one DKIM-Signature field (RFC 6376 §3.5).
type Signature struct {
	Index     int       `json:"i"`
	Domain    string    `json:"d,omitempty"`
	Selector  string    `json:"s,omitempty"`
	Identity  string    `json:"id,omitempty"` // i=
	Algorithm string    `json:"a,omitempty"`
	Signed    []string  `json:"h,omitempty"` // lower case
	Length    bool      `json:"l,omitempty"` // has l=: part of the body may be unsigned
	Time      time.Time `json:"t,omitzero"`
	Expires   time.Time `json:"x,omitzero"`
	// BodyHash is "match", "mismatch" or "" (not computed, or cannot be).
	BodyHash string `json:"bh,omitempty"`
	// Checked is the outcome of verifying it with the keys given: "pass", "fail", "changed_in_transit", "no_key", or ""
	// where no keys were given. Expiry is not applied here: whether it had expired on delivery is judged later.
	Checked string `json:"ok,omitempty"`
	KeyBits int    `json:"bits,omitempty"`
	Reason  string `json:"reason,omitempty"`
}
