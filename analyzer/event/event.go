// Package event is the catalogue of notices: what the mails of Amazon and of statement issuers say happened.
//
// A subject selects an event, the body decides where one subject serves several events; neither says who sent the
// message, so impersonations get the event they claim and both stand on one timeline. Patterns are data, one TOML file a
// language in data/, each entry with source, date, confidence and samples that go test runs (see Pack for the form).
//
// # Order of matching
//
// The first that matches wins:
//
//  1. The subject entries: a user's packs, then the pack of the language the message is written in, then the others in
//     the order of their names, and within a pack in the order of the file. In the built-in files security comes before account, account before Prime, Prime before orders,
//     because the subjects of the later ones use words of the earlier ones.
//  2. Where the sender is known to send only advertisements, an event found by the subject that is not about
//     security or the account becomes marketing.
//  3. The body entries that refine the event found (or the lack of one), in the same order of packs, the most telling
//     phrases first in each file.
//  4. What the sender or the shape of the subject alone says: entries whose id starts with "fallback.". Notices from the
//     addresses that Amazon uses for security only are security.unknown, those about payments account.unknown, whatever
//     their subject: an unknown notice is never dropped.
//
// # What is compared
//
// Subject and text are brought into one form first: NFKC, format characters dropped, lower case, Latin letters without
// their accents, curly quotes straightened, white space collapsed and removed beside Japanese and Chinese characters.
// Patterns are brought into the same form, so they are written as people write.
package event

//go:generate go run ./generate.go

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Input is what the catalogue looks at.
type Input struct {
	Brand      string // brand the message is about
	Issuer     bool   // the brand is a statement issuer
	Local      string // local part of the From address, lower case
	Official   bool   // the From address is in a domain of the brand
	SenderKind string // brand.Sender.Kind of the From address, "" where it is not listed
	Subject    string // decoded
	Text       string // visible text
}

// Match is what the catalogue makes of a message.
type Match struct {
	Event    finding.Event
	Severity finding.Severity
	Language string // "ja", "en", …, "" where it can't be told
	// Entry is the id of the catalogue entry, for explain. It is empty, or starts with Fallback, where no entry knew the
	// subject or the text: these are what "mailaudit rules unmatched" lists.
	Entry   string
	Details *finding.Details // nil where the text gives none
}

// Fallback is what the ids of entries start with that know only the sender or the shape of the subject.
const Fallback = "fallback."

// Known reports whether an entry of the catalogue knew the subject or the text.
func (m Match) Known() bool {
	return m.Entry != "" && (len(m.Entry) < len(Fallback) || m.Entry[:len(Fallback)] != Fallback)
}

// received is what the ids of entries end with that speak of a gift card somebody gave to the reader of the notice.
const received = ".giftcard_received"

// GiftReceived reports whether a catalogue entry (Match.Entry) is of a notice that tells its reader of a gift card for them:
// nothing that was bought from their account.
func GiftReceived(entry string) bool { return strings.HasSuffix(entry, received) }

// SellerChanged reports whether a catalogue entry is of a notice that something of a seller's account was changed: other
// notices about one (payouts, reviews of the account) are of the same event.
func SellerChanged(entry string) bool { return strings.HasSuffix(entry, ".seller_changed") }

// KeyExposed reports whether a catalogue entry is of a notice that an AWS access key is in other hands.
func KeyExposed(entry string) bool { return strings.HasSuffix(entry, ".aws_exposed") }
