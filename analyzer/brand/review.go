package brand

import (
	"io/fs"
	"slices"
)

// Note is something about a pack that is no error and that its author wants to know.
type Note struct {
	Brand string   // id
	Kind  NoteKind // what it is
	What  string   // of what: a domain, a word, a field
	Other string   // the other brand, where there is one
}

// NoteKind says what a Note is about.
type NoteKind string

// Kinds of notes.
const (
	Replaces   NoteKind = "replaces"    // What, a field, takes the place of what the built-in brand says
	ThereTwice NoteKind = "there_twice" // the brand has the domain What already
	SharedWord NoteKind = "shared_word" // Other has the word What too
	NoNames    NoteKind = "no_names"    // no word of the kind name: no fake is found
	NoDomains  NoteKind = "no_domains"  // no domain of the role retail: nothing is genuine
	Unproven   NoteKind = "unproven"    // no domain is of confidence H: nothing is better than likely genuine
)

// Review notes what packs in the folder "brands" of fsys replace, repeat, share with others or lack, beside the built-in
// brands. The error is that of a pack that can't be read.
func Review(fsys fs.FS) ([]Note, error) {
	all, err := Library().With(fsys)
	if err != nil {
		return nil, err
	}
	packs, err := Decode(fsys, "brands")
	if err != nil {
		return nil, err
	}
	var out []Note
	for _, b := range packs {
		if b.Disable {
			continue
		}
		if old := Library().ByID(b.ID); old != nil && !b.Replace {
			out = append(out, replaced(b, old)...)
		}
		whole := all.ByID(b.ID)
		for _, w := range b.Words {
			for _, o := range all.All() {
				if o.ID != b.ID && slices.ContainsFunc(o.Words, func(x Word) bool { return x.Text == w.Text }) {
					out = append(out, Note{b.ID, SharedWord, w.Text, o.ID})
				}
			}
		}
		own := func(d Domain) bool { return d.Role == Retail }
		switch {
		case len(whole.Texts("name")) == 0:
			out = append(out, Note{Brand: b.ID, Kind: NoNames})
		case !slices.ContainsFunc(whole.Domains, own):
			out = append(out, Note{Brand: b.ID, Kind: NoDomains})
		case !slices.ContainsFunc(whole.Domains, func(d Domain) bool { return own(d) && d.Confidence == H }):
			out = append(out, Note{Brand: b.ID, Kind: Unproven})
		}
	}
	return out, nil
}

// replaced notes the fields in which a pack takes the place of a built-in brand that it adds to.
func replaced(b, old *Brand) (out []Note) {
	for _, f := range []struct {
		name     string
		own, old string
	}{
		{"name", b.Name, old.Name}, {"name_ja", b.NameJA, old.NameJA}, {"kind", b.Kind, old.Kind}, {"cadence", b.Cadence, old.Cadence},
		{"group", b.Group, old.Group}, {"contact.site", b.Contact.Site, old.Contact.Site},
		{"fingerprint.return_path", b.Fingerprint.ReturnPath, old.Fingerprint.ReturnPath},
		{"fingerprint.message_id", b.Fingerprint.MessageID, old.Fingerprint.MessageID},
	} {
		if f.own != "" && f.old != "" && f.own != f.old {
			out = append(out, Note{Brand: b.ID, Kind: Replaces, What: f.name})
		}
	}
	for _, d := range b.Domains {
		if slices.ContainsFunc(old.Domains, func(o Domain) bool { return o.Name == d.Name }) {
			out = append(out, Note{Brand: b.ID, Kind: ThereTwice, What: d.Name})
		}
	}
	return out
}

// Skeleton is a pack for a new brand, with comments, for its author to fill in.
func Skeleton(id string) string {
	return `# ` + id + `: what mailaudit is to know of this brand. Try it with
#   mailaudit rules test ` + id + `.toml
#   mailaudit scan --rules DIR --brand ` + id + ` MAIL      (with this file in DIR/brands/)
#
# Confidence, of each entry: H seen in genuine mail, on a page of the brand, or in two independent sources; M one source;
# L a list that a crowd keeps; K what you believe to know. Only H makes mail genuine, and K accuses and proves nothing.

[[brand]]
id = "` + id + `"
name = "` + id + `"            # as people call it
# name_ja = "…"
kind = "service"             # amazon, issuer, service, public or carrier: mailaudit rules list shows what each can do
# also = ["orders"]          # what it can do besides
# cadence = "monthly"        # how often an issuer sends statements

# Where people look for themselves, and where its fakes are reported.
# contact = { site = "brand.example", report = "phishing@brand.example", confidence = "H", source = "its help page", date = "2026-12" }

# Its domains; each stands for all below it. Roles: retail (its own), service, relay (it carries text that others write),
# customer (mailboxes and pages of its customers), assets, short, bounce.
domain = [
  { name = "` + id + `.example", role = "retail", confidence = "K", source = "…", date = "2026-12" },
]

# Addresses it is known to write from. Kinds: security, order, payment, marketing, service, statement.
sender = [
  # { local = "no-reply", domains = ["` + id + `.example"], kind = "security", confidence = "M", source = "…", date = "2026-12" },
]

# Words it is recognised by. "name" poses as the brand wherever it stands, "own" is a service that nobody else has and names the
# brand in a text, "account" one that the reader has something at, "product" counts only beside other signs, "near" is a look-alike spelling, "not" is innocent, "short" an abbreviation in local parts and file names.
word = [
  { text = "` + id + `", kind = "name", source = "brand" },
]

# What the pack is to say; mailaudit rules test checks it.
sample = [
  { host = "www.` + id + `.example", official = true },
  { host = "` + id + `.example.test", official = false },
  { name = "` + id + ` support", poses = true },
]
`
}
