// Package event is the catalogue of notices: what the mails of Amazon and of statement issuers say happened.
//
// A subject selects an event, the body decides where one subject serves several events; neither says who sent the
// message, so impersonations get the event they claim. Patterns are data, one TOML file a language, each entry with
// source, date, confidence and samples that go test runs.
package event

import "github.com/mailaudit/mailaudit/analyzer/finding"

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
	Entry    string // id of the catalogue entry, for explain and for the list of unmatched subjects
	Details  *finding.Details
}
