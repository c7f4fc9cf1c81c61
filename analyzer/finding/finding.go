// Package finding is the record stream: what a scan found, as JSON lines (version 1).
//
// The stream is the one product of an analysis. Every report is made from it, and a report made from a saved stream is
// byte for byte the one the scan wrote. This package holds only the records, the writer, the reader and the schema; it
// knows nothing of how findings are made or shown.
//
// One JSON object a line, with exactly one key that names the kind of record. Order: config, summary, source, profile,
// attention, incident, series, ledger, rule, then message and problem in source order. Readers ignore keys they don't know. A
// key that is absent means unknown or not applicable, never false. Times are RFC 3339 in UTC. Values are as found in
// the mail: printers make them harmless. What people read travels as a Text: an id with arguments, never as prose.
package finding

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
)

// Protocol is the version of the stream. New keys keep it; a changed meaning would not.
const Protocol = "1"

// Record is one line of the stream; exactly one field is set.
type Record struct {
	Config    *Config    `json:"config,omitempty"`
	Summary   *Summary   `json:"summary,omitempty"`
	Source    *Source    `json:"source,omitempty"`
	Profile   *Profile   `json:"profile,omitempty"`
	Attention *Attention `json:"attention,omitempty"`
	Incident  *Incident  `json:"incident,omitempty"`
	Series    *Series    `json:"series,omitempty"`
	Ledger    *Ledger    `json:"ledger,omitempty"`
	Rule      *Rule      `json:"rule,omitempty"`
	Message   *Message   `json:"message,omitempty"`
	Problem   *Problem   `json:"problem,omitempty"`
}

// Text is something to be said to a person: the id of a sentence in report/view and what fills its gaps. Values of Args
// are strings, numbers, booleans, lists of strings, or times in RFC 3339.
type Text struct {
	ID   string         `json:"id"`
	Args map[string]any `json:"args,omitempty"`
}

// Config says what made the stream.
type Config struct {
	Protocol    string `json:"protocol"`
	Version     string `json:"version"`
	RulesDigest string `json:"rules_digest"` // SHA-256 over all rule data in use, hex
	// AsOf is the time that what depends on the calendar was judged for.
	AsOf *time.Time `json:"as_of,omitempty"`
	// Brands are the ids that --brand names, where it names others than Amazon alone; "all" for every brand.
	Brands []string `json:"brands,omitempty"`
	// Since and Until are the bounds of what is emitted, where the user set them.
	Since *time.Time `json:"since,omitempty"`
	Until *time.Time `json:"until,omitempty"`
}

// Summary counts the whole scan.
type Summary struct {
	Messages int64 `json:"messages"` // all messages read, copies included
	Bytes    int64 `json:"bytes"`    // what was read of each mailbox (inflated members of archives)
	// BytesAccounted is extents, framing, archive structure, skipped files and problems; it equals Bytes.
	BytesAccounted int64            `json:"bytes_accounted"`
	Candidates     int64            `json:"candidates"`
	Verdicts       map[string]int64 `json:"verdicts"` // by verdict, copies counted once
	Unnoticed      int64            `json:"unnoticed"`
	// Questions are the attention items of kind "question": changes of which only the owner knows whether they were his own.
	Questions int64 `json:"questions,omitempty"`
	Problems  int64 `json:"problems"`
	Lost      int64 `json:"lost,omitempty"` // problems by which mail was lost
	Skipped   int64 `json:"skipped"`        // files that are no mail
	// Span is the time of the oldest and the newest message with a believable time, Amazon's or not.
	Span []time.Time `json:"span,omitempty"`
	// SilentMonths are months inside Span, "2006-01", in which the mailbox holds no mail at all.
	SilentMonths []string `json:"silent_months,omitempty"`
	// OtherFakes are impersonations of brands that were not audited (--brand), by the id of the brand, copies counted each.
	OtherFakes map[string]int64 `json:"other_fakes,omitempty"`
	Complete   bool             `json:"complete"` // false when the scan was interrupted
}

// Source is what the user named.
type Source struct {
	Name string `json:"name"` // base name, escaped by evidence.EscapeName
	Size int64  `json:"size"` // bytes of the file, or of all files below the folder
	// SHA256 is that of the file; of a folder that of the list of its files in the form of sha256sum, in the order read.
	SHA256    evidence.Digest `json:"sha256,omitzero"`
	Mailboxes int64           `json:"mailboxes"`
	Messages  int64           `json:"messages"`
	Skipped   []Skipped       `json:"skipped,omitempty"`
}

// Skipped is a file or member that is not mail, or not now.
type Skipped struct {
	Path   []string `json:"path"`
	Size   int64    `json:"size"`
	Reason string   `json:"reason"` // short word: "picture", "index", "empty", "not_mail", …
}

// Profile is what was learned from the mailbox.
type Profile struct {
	Owner []string `json:"owner,omitempty"` // the owner's addresses, most used first
	Trust []Trust  `json:"trust,omitempty"`
	// Labels maps labels of this mailbox to roles where it was learned or known; unknown ones map to "".
	Labels map[string]string `json:"labels,omitempty"`
	// Brands names the brands that readers don't know by their id: those beside Amazon and the statement issuers that were
	// asked for or met, in the order of the rules.
	Brands []Brand `json:"brands,omitempty"`
}

// Brand is how people call a brand.
type Brand struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	NameJA  string `json:"name_ja,omitempty"`
	Site    string `json:"site,omitempty"`    // what one types into the browser: "apple.com"
	Audited bool   `json:"audited,omitempty"` // false: its fakes were only counted
}

// Trust is one receiver whose authentication results are believed.
type Trust struct {
	Domain     string `json:"domain"`      // registrable domain of the boundary's by-host
	AuthservID string `json:"authserv_id"` // empty for Microsoft's form without one
	Place      string `json:"place"`       // "above" or "below" the boundary Received field
	Years      string `json:"years,omitempty"`
	Messages   int64  `json:"messages,omitempty"`
	Learned    bool   `json:"learned"` // false: assumed from the table of providers, or set by hand
	Given      bool   `json:"given,omitempty"`
}

// Attention is something a person should look at.
type Attention struct {
	Rank     int      `json:"rank"` // from 1, most serious first
	ID       string   `json:"id"`   // stable from run to run
	Severity Severity `json:"severity"`
	Kind     string   `json:"kind"`
	Incident string   `json:"incident,omitempty"` // id of the incident it tells
	Series   string   `json:"series,omitempty"`
	Account  string   `json:"account,omitempty"`
	Messages []string `json:"messages,omitempty"` // ids, in the order of time
	Why      Text     `json:"why"`
	Do       []Text   `json:"do,omitempty"`
	// Acknowledged is set where a person has looked at it and said so: it stays on the list and fails no run.
	Acknowledged *Acknowledged `json:"acknowledged,omitempty"`
	// Tell is set for what a nightly run prints once: everything of severity high or above, and what is worth a word at
	// night though it is less grave (see Tells).
	Tell bool `json:"tell,omitempty"`
}

// Tells reports whether a nightly run prints the item: it is at or above failOn, or it is below the usual level and is
// told for its own sake. Nothing is where failOn is empty.
func (a *Attention) Tells(failOn Severity) bool {
	if failOn.Level() == 0 {
		return false
	}
	return a.Severity.Level() >= failOn.Level() || a.Tell && a.Severity.Level() < High.Level()
}

// Acknowledged is what a person said of an attention item.
type Acknowledged struct {
	Why   string `json:"why,omitempty"`
	Until string `json:"until,omitempty"` // last day on which it holds, "2006-01-02"; absent: for good
}

// Incident is a set of events and impersonations that belong together in time.
type Incident struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	Severity Severity   `json:"severity"`
	Account  string     `json:"account,omitempty"`
	Start    *time.Time `json:"start,omitempty"`
	End      *time.Time `json:"end,omitempty"`
	Messages []string   `json:"messages"`
	Story    []Text     `json:"story"`
}

// Series is the statements of one issuer and account.
type Series struct {
	ID      string   `json:"id"`
	Issuer  string   `json:"issuer"`
	Account string   `json:"account,omitempty"`
	Event   Event    `json:"event,omitempty"`
	Cadence string   `json:"cadence"` // "weekly", "monthly", "quarterly", "half_yearly", "yearly", "irregular"
	Periods []Period `json:"periods"`
}

// Period is one period of a series.
type Period struct {
	Period  string `json:"period"` // "2026-W05", "2026", or the month in which it begins, "2026-01"
	State   string `json:"state"`  // one of the PeriodStates
	Message string `json:"message,omitempty"`
}

// PeriodStates are the states a period can have.
var PeriodStates = []string{"read", "unread", "spam", "trash", "unknown", "missing", "silent", "late", "not_due", "impersonated", "ended"}

// Ledger is one line of what Amazon itself keeps of an account, or of a card statement, beside the mail that tells of the
// same. It is there only where such records were given (--amazon-data).
type Ledger struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`  // one of the LedgerKinds
	State    string     `json:"state"` // one of the LedgerStates
	Time     *time.Time `json:"time,omitempty"`
	Day      bool       `json:"day,omitempty"` // only the day of Time is known
	OrderID  string     `json:"order_id,omitempty"`
	Site     string     `json:"site,omitempty"`   // marketplace: "co.jp"
	Amount   string     `json:"amount,omitempty"` // decimal digits and point
	Currency string     `json:"currency,omitempty"`
	Item     string     `json:"item,omitempty"` // title of the first product, name of a device, merchant
	Status   string     `json:"status,omitempty"`
	Payment  string     `json:"payment,omitempty"`
	// Orders are the orders that explain a charge, Messages the mails that tell of the line, in the order of time; at most 50.
	Orders   []string `json:"orders,omitempty"`
	Messages []string `json:"messages,omitempty"`
	// Path and Row are where the line stands: the file as in Location.Path, and the row counted from 1.
	Path []string `json:"path,omitempty"`
	Row  int      `json:"row,omitempty"`
}

// LedgerKinds are the kinds of lines.
var LedgerKinds = []string{"order", "digital_order", "refund", "return", "sign_in", "device", "payment_method", "charge"}

// LedgerStates are what mail and records say of one another: the mail tells of the line; of one placed with it; may tell of it;
// does not, though it tells of all its like (no_mail); does not, and nothing follows from it (untold, cancelled); does not cover
// the time; only mail tells of it (no_record), or only a fake (invented). A charge is explained by orders or mail, or by nothing, or nothing can be said; charges of other shops are no lines.
var LedgerStates = []string{"matched", "together", "perhaps", "no_mail", "untold", "cancelled", "not_covered", "no_record", "invented", "explained", "unexplained", "open"}

// Rule explains one row of the decision table to people.
type Rule struct {
	ID string `json:"id"`
	JA string `json:"ja"`
	EN string `json:"en"`
}

// Address is a mailbox of RFC 5322 §3.4 as decoded.
type Address struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
}

// Message is one candidate that speaks of a brand or is a statement.
type Message struct {
	ID       string              `json:"id"`
	SHA256   evidence.Digest     `json:"sha256"`
	Location evidence.Location   `json:"location"`
	Copies   []evidence.Location `json:"copies,omitempty"` // in source order, at most 1,000
	// MoreCopies is how many further copies there are: an archive of a few megabytes can hold a million.
	MoreCopies int64 `json:"more_copies,omitempty"`

	Time       *time.Time `json:"time,omitempty"`
	TimeSource string     `json:"time_source,omitempty"` // "received", "header" or "envelope"
	HeaderDate *time.Time `json:"header_date,omitempty"`
	ClockDoubt string     `json:"clock_doubt,omitempty"` // a word for what is wrong with the clocks

	MessageID  string    `json:"message_id,omitempty"`
	From       *Address  `json:"from,omitempty"`
	MoreFrom   []Address `json:"more_from,omitempty"` // further From addresses or fields: a genuine notice has none
	ReplyTo    []Address `json:"reply_to,omitempty"`
	ReturnPath string    `json:"return_path,omitempty"`
	To         []Address `json:"to,omitempty"`
	Subject    string    `json:"subject,omitempty"`

	Brand       string `json:"brand,omitempty"`
	Marketplace string `json:"marketplace,omitempty"`
	Account     string `json:"account,omitempty"`
	Language    string `json:"language,omitempty"`

	Verdict     Verdict `json:"verdict"`
	Rule        string  `json:"rule"`
	ContentRisk string  `json:"content_risk"` // "none", "low" or "high"

	Event    Event    `json:"event,omitempty"`
	Severity Severity `json:"severity,omitempty"`
	Details  *Details `json:"details,omitempty"`

	Auth    *Auth    `json:"auth,omitempty"`
	Signals []Signal `json:"signals,omitempty"`
	Links   []Link   `json:"links,omitempty"`
	// Attachments are the parts that are shown as files.
	Attachments []Attachment `json:"attachments,omitempty"`

	Read      *Read    `json:"read,omitempty"`
	Unnoticed bool     `json:"unnoticed,omitempty"`
	Incidents []string `json:"incidents,omitempty"`
	// StartDoubt is set where it is not certain that the message begins where it was cut out of its mbox.
	StartDoubt string `json:"start_doubt,omitempty"`
	// Inner is set where the verdict's signals come from a message enclosed in this one.
	Inner bool `json:"inner,omitempty"`
}

// Details are what a notice says of its event. They are taken from the text as it stands.
type Details struct {
	Device   string   `json:"device,omitempty"`
	Near     string   `json:"near,omitempty"`
	When     string   `json:"when,omitempty"` // the time the text gives, as written
	OrderID  string   `json:"order_id,omitempty"`
	OrderIDs []string `json:"order_ids,omitempty"` // where there is more than one
	Amount   string   `json:"amount,omitempty"`    // decimal digits and point, "1234.50"
	Currency string   `json:"currency,omitempty"`  // ISO 4217
	OldEmail string   `json:"old_email,omitempty"`
	NewEmail string   `json:"new_email,omitempty"`
	CardEnd  string   `json:"card_end,omitempty"` // last digits
	// Card is the name of the card that a statement is for, as written: issuers that give no digits tell cards apart by it.
	Card string `json:"card,omitempty"`
	// AWSAccount is the account of AWS that a bill is for, twelve digits.
	AWSAccount string `json:"aws_account,omitempty"`
	NextDate   string `json:"next_date,omitempty"` // next charge, "2006-01-02"
	Merchant   string `json:"merchant,omitempty"`
	Item       string `json:"item,omitempty"` // product title as quoted in the subject
	Ends       bool   `json:"ends,omitempty"` // a subscription, membership or card ended
}

// IsZero reports whether nothing was found.
func (d *Details) IsZero() bool {
	return d == nil || d.Device == "" && d.Near == "" && d.When == "" && d.OrderID == "" && len(d.OrderIDs) == 0 &&
		d.Amount == "" && d.Currency == "" && d.OldEmail == "" && d.NewEmail == "" && d.CardEnd == "" &&
		d.Card == "" && d.AWSAccount == "" && !d.Ends && d.NextDate == "" && d.Merchant == "" && d.Item == ""
}

// Auth is the authentication as the trusted receiver wrote it, and what mailaudit verified itself.
type Auth struct {
	// Trusted is the authserv-id of the result that counted; "-" for the form without one; absent when none did.
	Trusted  string   `json:"trusted,omitempty"`
	Assumed  bool     `json:"assumed,omitempty"` // the trust was assumed from the table of providers, not learned
	DMARC    string   `json:"dmarc,omitempty"`
	SPF      string   `json:"spf,omitempty"`
	MailFrom string   `json:"mail_from,omitempty"` // domain the SPF result is for
	ARC      string   `json:"arc,omitempty"`
	DKIM     []DKIM   `json:"dkim,omitempty"`
	Aligned  bool     `json:"aligned"`            // a pass that is aligned with the From domain
	Boundary string   `json:"boundary,omitempty"` // client address and by-host of the boundary hop
	Client   string   `json:"client,omitempty"`   // client address of the boundary hop
	Raw      string   `json:"raw,omitempty"`      // the trusted result field as it stands, at most 2,000 bytes
	Ignored  []string `json:"ignored,omitempty"`  // authserv-ids of results that were not believed
	Checked  []DKIM   `json:"checked,omitempty"`  // mailaudit's own DKIM verification
	// Signatures are the signatures that the message claims to carry: which keys could verify it.
	Signatures []Selector `json:"signatures,omitempty"`
}

// Selector names a DKIM key: the TXT record Selector._domainkey.Domain (RFC 6376 §3.6.2).
type Selector struct {
	Domain   string `json:"domain"`
	Selector string `json:"selector"`
}

// DKIM is one DKIM result.
type DKIM struct {
	Domain   string `json:"domain"`
	Selector string `json:"selector,omitempty"`
	Result   string `json:"result"` // RFC 8601 §2.7.1; in Checked: "pass", "fail", "no_key", "changed_in_transit"
	Reason   string `json:"reason,omitempty"`
}

// Signal is one observation.
type Signal struct {
	ID       string   `json:"id"`
	For      string   `json:"for"` // what it speaks for: see the For constants
	Strength Strength `json:"strength"`
	Shown    string   `json:"shown,omitempty"` // what was seen, at most 300 characters
}

// What a signal speaks for.
const (
	ForGenuine       = "genuine"       // fits Amazon's own way of sending
	ForImpersonation = "impersonation" // fits a fake
	ForPosing        = "posing"        // the message claims to be the brand
	ForAction        = "action"        // the message calls to log in, pay, confirm, call or open
	ForMention       = "mention"       // the message speaks of the brand without posing as it
	ForRisk          = "risk"          // the content is dangerous whoever sent it
)

// Strength orders signals.
type Strength string

// Strengths. A strong signal alone can decide a row of the table; a medium one needs company; a weak one only colours.
const (
	Weak   Strength = "weak"
	Medium Strength = "medium"
	Strong Strength = "strong"
)

// Link is a link of the message.
type Link struct {
	Shown    string   `json:"shown,omitempty"` // the text that is shown for it
	Target   string   `json:"target"`          // as written
	Final    string   `json:"final,omitempty"` // behind redirectors and rewriters, where that can be read off the link
	Host     string   `json:"host,omitempty"`  // of the final target, lower case, ASCII form
	Official bool     `json:"official"`
	Chain    []string `json:"chain,omitempty"` // hosts passed through
	From     string   `json:"from,omitempty"`  // "html", "text", "image", "form", "qr", "attachment"
}

// Attachment is a part that is shown as a file.
type Attachment struct {
	Name string `json:"name,omitempty"`
	Type string `json:"type"` // media type as found by content where that says more than the label
	Size int64  `json:"size"` // decoded bytes
}

// Read is what the mailbox says about reading and place. Absent means unknown.
type Read struct {
	Seen      *bool    `json:"seen,omitempty"`
	Opened    *bool    `json:"opened,omitempty"`
	Replied   *bool    `json:"replied,omitempty"`
	Forwarded *bool    `json:"forwarded,omitempty"`
	Deleted   *bool    `json:"deleted,omitempty"` // marked deleted, still in the file
	Flagged   *bool    `json:"flagged,omitempty"`
	Folder    Folder   `json:"folder,omitempty"`
	Labels    []string `json:"labels,omitempty"`
	// From names what told: "maildir", "mozilla", "status", "gmail", "emlx", "outlook", "proton", "gmvault", "folder".
	From []string `json:"from,omitempty"`
}

// IsZero reports whether nothing is known.
func (r *Read) IsZero() bool {
	return r == nil || r.Seen == nil && r.Opened == nil && r.Replied == nil && r.Forwarded == nil && r.Deleted == nil &&
		r.Flagged == nil && r.Folder == "" && len(r.Labels) == 0
}

// Folder is the role of the place a message lies in.
type Folder string

// Folders.
const (
	Inbox   Folder = "inbox"
	Archive Folder = "archive"
	Spam    Folder = "spam"
	Trash   Folder = "trash"
	Sent    Folder = "sent"
	Drafts  Folder = "drafts"
	Other   Folder = "other"
)

// Problem is something that could not be read as it should.
type Problem struct {
	Location evidence.Location `json:"location"`
	Stage    string            `json:"stage"`  // "mbox", "maildir", "emlx", "archive", "outlook", "mime", "header", "charset", "limit", "io", "internal"
	Reason   string            `json:"reason"` // plain English, with the name of the limit where one was reached
	Lost     bool              `json:"lost"`   // whether mail was lost by it
}
