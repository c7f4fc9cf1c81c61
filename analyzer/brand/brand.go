// Package brand is data: what Amazon and the statement issuers are.
//
// A brand is its domains and what each of them means, the addresses it writes from, the networks it sends from, the
// words it is recognised by, and the hosts its links lead to. Each entry keeps where it comes from, when it was seen
// and how sure it is (H, M, L or K, as OFFICIAL.md explains). Built-in brands are TOML files in data/, compiled into Go by go generate;
// users add their own in the same form with --rules DIR.
package brand

import "time"

//go:generate go run ./generate.go

// Confidence says how sure an entry is.
type Confidence string

// Confidences.
const (
	H Confidence = "H" // seen in a raw message or an official page, or in two independent sources
	M Confidence = "M" // one credible source
	L Confidence = "L" // weak source, such as one list that a crowd keeps: proves nothing and accuses nobody
	K Confidence = "K" // background knowledge, to be confirmed
)

// Role says what a domain is for.
type Role string

// Roles.
const (
	Retail   Role = "retail"   // the brand's own: mail aligned with it is the brand's, links to it are official
	Service  Role = "service"  // a service of the brand with a domain of its own (primevideo.com, aws.com)
	Relay    Role = "relay"    // the brand carries text that customers write (marketplace.amazon.<tld>, sns.amazonaws.com)
	Customer Role = "customer" // belongs to the brand, content belongs to its customers (amazonaws.com): never proof
	Assets   Role = "assets"   // pictures and styles: never proof, phish hot-links them
	Short    Role = "short"    // link shortener of the brand: anybody can make one
	Bounce   Role = "bounce"   // envelope domain (bounces.amazon.<tld>)
)

// Domain is one domain of a brand; it stands for itself and everything below it, by dotted suffix.
type Domain struct {
	Name        string     `toml:"name"` // lower case, ASCII
	Role        Role       `toml:"role"`
	Marketplace string     `toml:"marketplace,omitempty"` // "co.jp"; "" where it is of none
	Confidence  Confidence `toml:"confidence"`
	Source      string     `toml:"source"`
	Date        string     `toml:"date"` // when it was last seen, "2006-01-02" or coarser
}

// lapse is how long a single source vouches for a domain: who lets one go lets it go to anybody, and registrations are renewed
// year by year.
const lapse = 5

// Lapsed reports whether what a single source said of the domain is too old for mail of a time: sources of confidence H stay, an
// entry without a date and mail without a time don't lapse.
func (d *Domain) Lapsed(at time.Time) bool {
	if d.Confidence == H || at.IsZero() || len(d.Date) < len("2006") {
		return false
	}
	seen, err := time.Parse("2006", d.Date[:len("2006")])
	return err == nil && at.Year() > seen.Year()+lapse
}

// Sender is an address or local part a brand writes from.
type Sender struct {
	Local string `toml:"local"` // local part; "*" for any
	// Domains are the domains it was seen at; empty for every retail domain of the brand; "marketplace.*" for that label
	// below every retail domain.
	Domains []string `toml:"domains,omitempty"`
	// Kind is "security", "order", "prime", "payment", "marketing", "aws", "seller", "service" or "statement".
	Kind       string     `toml:"kind"`
	Confidence Confidence `toml:"confidence"`
	Source     string     `toml:"source"`
	Date       string     `toml:"date"`
}

// Network is a block of addresses a brand sends from.
type Network struct {
	Prefix     string     `toml:"prefix"` // CIDR
	Confidence Confidence `toml:"confidence"`
	Source     string     `toml:"source"`
	Date       string     `toml:"date"`
}

// Word is how text names the brand, after folding by script.Fold.
type Word struct {
	Text string `toml:"text"`
	// Kind is "name" (names the brand: amazon, アマゾン), "own" (a service that nobody else has, which names the brand in a
	// text as its name does: prime video), "account" (the same of a thing that the reader has there: aws account), "product" (names it together with other signs: prime, プライム), "near" (a look-alike spelling: arnazon), "not" (near a name and innocent: amazing) or "short" (an
	// abbreviation that stands for it in local parts and names of files: amz).
	Kind   string `toml:"kind"`
	Source string `toml:"source"`
}

// Fingerprint is how the brand's own mail looks in transport (OFFICIAL §4): regular expressions in RE2 syntax. They
// corroborate, they never prove.
type Fingerprint struct {
	ReturnPath   string `toml:"return_path,omitempty"` // {domain} stands for any retail domain of the brand
	MessageID    string `toml:"message_id,omitempty"`
	ReceivedFrom string `toml:"received_from,omitempty"`
	FeedbackID   string `toml:"feedback_id,omitempty"`
	DateZone     string `toml:"date_zone,omitempty"`
	// ForeignZones are those that no clock of the brand's machines is set to and that kits write.
	ForeignZones []string `toml:"foreign_zones,omitempty"`
	XHeaders     []string `toml:"x_headers,omitempty"` // lower case
	DKIMDomains  []string `toml:"dkim_domains,omitempty"`
	Source       string   `toml:"source,omitempty"`
	Date         string   `toml:"date,omitempty"`
}

// Below is a label that stands for the same thing below every retail domain of a brand: bounces.amazon.<tld>.
type Below struct {
	Label  string `toml:"label"` // may be more than one label: "m.marketplace"
	Role   Role   `toml:"role"`
	Source string `toml:"source"`
}

// Brand is one brand.
type Brand struct {
	ID     string `toml:"id"`   // "amazon", "smbc-card"
	Name   string `toml:"name"` // for people
	NameJA string `toml:"name_ja,omitempty"`
	// Kind names the set of what it can do (kinds.toml); Also is what it can do besides. Ask Can.
	Kind    string       `toml:"kind"`
	Also    []Capability `toml:"also,omitempty"`
	Contact Contact      `toml:"contact"`
	// Group is what companies of one house share: they link to each other and send each other's mail; "" for none.
	Group string `toml:"group,omitempty"`
	// Wider is true for a brand that is audited only where it is asked for (--brand), User for one that a user's pack adds or
	// adds to.
	Wider bool `toml:"-"`
	User  bool `toml:"-"`
	// Claims are domains that are this brand's where another one of the set has them too: a card company that links to its
	// house's shop knows the shop's domain also where the shop is not audited.
	Claims []string `toml:"claims,omitempty"`
	// Replace and Disable are for users' packs: whether the brand stands in the place of the built-in one of its id, or takes
	// it out.
	Replace bool     `toml:"replace,omitempty"`
	Disable bool     `toml:"disable,omitempty"`
	Domains []Domain `toml:"domain"`
	// Registries are top-level domains whose registry is the brand's and registers names for nobody else: what lies below
	// one is the brand's, unless a longer entry of Domains says otherwise. Names without a dot.
	Registries  []Domain    `toml:"registry,omitempty"`
	Below       []Below     `toml:"below,omitempty"`
	Senders     []Sender    `toml:"sender"`
	Networks    []Network   `toml:"network"`
	Words       []Word      `toml:"word"`
	Samples     []Sample    `toml:"sample"` // what the pack is to say of some hosts and names; `mailaudit rules test` checks it
	Fingerprint Fingerprint `toml:"fingerprint"`
	// Cadence is the issuer's usual statement cadence: "monthly", "yearly", "weekly" or "".
	Cadence string `toml:"cadence,omitempty"`
}

// Contact is what people are told about a brand: where to look for themselves, and where to report its fakes.
type Contact struct {
	Site   string `toml:"site,omitempty"`   // what one types into the browser: "apple.com"; "" where it differs by marketplace
	Report string `toml:"report,omitempty"` // the address that fakes are forwarded to; "" where it asks for none
	// NoMail is true for a body that never asks by mail for what fakes ask for, and says so itself.
	NoMail     bool       `toml:"no_mail,omitempty"`
	Confidence Confidence `toml:"confidence,omitempty"`
	Source     string     `toml:"source,omitempty"`
	Date       string     `toml:"date,omitempty"`
}

// Sample is what a pack is to say of a host or of a display name.
type Sample struct {
	Host     string `toml:"host"`     // a host of links or addresses
	Official bool   `toml:"official"` // whether a link there is the brand's own
	Name     string `toml:"name"`     // a display name
	Poses    bool   `toml:"poses"`    // whether it holds a name of the brand
}
