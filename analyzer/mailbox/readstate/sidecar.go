package readstate

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// CardMost is how many bytes of a card are read. One with two thousand recipients has some 200 KB.
const CardMost = 1 << 20

// CardName is the name of the card that an export writes beside the message of a name, one for each program that does so.
// A card is a small JSON file that holds what a program knew of the message: where it lay and whether it was read.
func CardName(message string) []string {
	base, ok := cutExtension(message, ".eml")
	if !ok {
		return nil
	}
	return []string{base + protonCard, base + gmvaultCard}
}

const (
	protonCard  = ".metadata.json" // of Proton's export tool
	gmvaultCard = ".meta"          // of gmvault
)

// IsCard reports whether a name can be that of a card.
func IsCard(name string) bool {
	_, proton := cutExtension(name, protonCard)
	_, gmvault := cutExtension(name, gmvaultCard)
	return proton || gmvault
}

// cutExtension is strings.CutSuffix without regard to case, of a name that has more than the extension.
func cutExtension(name, ext string) (string, bool) {
	n := len(name) - len(ext)
	if n <= 0 || !strings.EqualFold(name[n:], ext) {
		return name, false
	}
	return name[:n], true
}

// Card is what a card says of its message; nil where it says nothing that is known, as any other JSON file may.
func Card(name string, data []byte) *finding.Read {
	if _, ok := cutExtension(name, protonCard); ok {
		return proton(data)
	}
	return gmvault(data)
}

// Numbers of Proton's own labels, in the order in which they say where a message lies: the trash and spam before the rest.
// Further labels have ids of 88 letters, folders of the owner's among them.
var protonFolders = []struct {
	id     string
	folder finding.Folder
}{
	{"3", finding.Trash}, {"4", finding.Spam}, {"8", finding.Drafts}, {"1", finding.Drafts}, {"7", finding.Sent}, {"2", finding.Sent},
	{"6", finding.Archive}, {"0", finding.Inbox},
}

const protonStarred = "10"

// number is a truth value as Proton writes it: 0 or 1.
type number int

// proton reads the card of Proton's export tool.
func proton(data []byte) *finding.Read {
	var card struct {
		Payload *struct {
			LabelIDs                                     []string
			Unread, IsReplied, IsRepliedAll, IsForwarded *number
		}
	}
	if json.Unmarshal(data, &card) != nil || card.Payload == nil || card.Payload.Unread == nil {
		return nil
	}
	p := card.Payload
	is := func(n *number) bool { return n != nil && *n != 0 }
	seen := *p.Unread == 0
	r := &finding.Read{Seen: &seen, From: []string{"proton"}}
	if p.IsReplied != nil {
		replied := is(p.IsReplied) || is(p.IsRepliedAll)
		r.Replied = &replied
	}
	if p.IsForwarded != nil {
		forwarded := is(p.IsForwarded)
		r.Forwarded = &forwarded
	}
	if len(p.LabelIDs) == 0 {
		return r
	}
	starred := slices.Contains(p.LabelIDs, protonStarred)
	r.Flagged, r.Folder = &starred, finding.Other
	for _, f := range protonFolders {
		if slices.Contains(p.LabelIDs, f.id) {
			r.Folder = f.folder
			break
		}
	}
	return r
}

// gmvault reads the card of gmvault: flags and labels as Gmail's IMAP server names them (`\Seen`, `\Inbox`). A backup holds what
// lies in "All Mail": what has no label of its own is archived. Whether it was ever opened Gmail tells nobody by IMAP.
func gmvault(data []byte) *finding.Read {
	var card struct {
		ID     *json.Number `json:"gm_id"`
		Flags  []string     `json:"flags"`
		Labels []string     `json:"labels"`
	}
	if json.Unmarshal(data, &card) != nil || card.ID == nil || card.Flags == nil {
		return nil
	}
	has := func(list []string, flag string) *bool {
		is := slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(strings.TrimLeft(s, `\`), flag) })
		return &is
	}
	r := &finding.Read{
		Seen: has(card.Flags, "Seen"), Replied: has(card.Flags, "Answered"), Flagged: has(card.Flags, "Flagged"),
		Deleted: has(card.Flags, "Deleted"), Folder: finding.Archive, From: []string{"gmvault"},
	}
	for _, f := range []struct {
		label  string
		folder finding.Folder
	}{{"Trash", finding.Trash}, {"Spam", finding.Spam}, {"Junk", finding.Spam}, {"Draft", finding.Drafts}, {"Drafts", finding.Drafts}, {"Sent", finding.Sent}, {"Inbox", finding.Inbox}} {
		if *has(backslashed(card.Labels), f.label) {
			r.Folder = f.folder
			break
		}
	}
	for _, l := range card.Labels {
		if l != "" && !strings.HasPrefix(l, `\`) && len(l) <= maxLabel && len(r.Labels) < maxLabels {
			r.Labels = append(r.Labels, l)
		}
	}
	return r
}

// backslashed are the labels that are Gmail's own.
func backslashed(labels []string) []string {
	return slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return !strings.HasPrefix(l, `\`) })
}
