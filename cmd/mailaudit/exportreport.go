package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/exchange"
	"github.com/mailaudit/mailaudit/report/view"
)

// places are where fakes are reported, by the brand they pose as.
type places struct {
	brand   map[string][]string
	name    map[string]string // of brands
	country []exchange.Place
}

// places joins the list of places with what brands say of themselves.
func (p *program) places() (*places, error) {
	list, err := exchange.Places()
	if err != nil {
		return nil, err
	}
	at := &places{brand: map[string][]string{}, name: map[string]string{}}
	for _, place := range list {
		if place.Brand == "" {
			at.country = append(at.country, place)
			continue
		}
		at.brand[place.Brand] = append(at.brand[place.Brand], place.Address)
	}
	for _, b := range brand.Library().All() {
		at.name[b.ID] = b.Name
		if p.ui.lang == view.JA && b.NameJA != "" {
			at.name[b.ID] = b.NameJA
		}
		if a := b.Contact.Report; a != "" && !slices.Contains(at.brand[b.ID], a) {
			at.brand[b.ID] = append(at.brand[b.ID], a)
		}
	}
	return at, nil
}

// of are the addresses that take a brand's fakes: its own, or else those of the countries.
func (at *places) of(brand string) []string {
	if own := at.brand[brand]; len(own) > 0 {
		return own
	}
	var all []string
	for _, place := range at.country {
		all = append(all, place.Address)
	}
	return all
}

// whereTo says where fakes can be reported: those of each brand to that brand alone, and all to who collects them.
func (p *program) whereTo(list []exported) ([]string, error) {
	at, err := p.places()
	if err != nil {
		return nil, err
	}
	u := p.ui
	lines := []string{u.tr("Attach the files to a mail of your own; do not forward their text, and do not open their links. Report them to:",
		"ファイルは新しいメールに添付して送ってください。本文を転送したり、中のリンクを開いたりしないでください。通報先:")}
	count := map[string]int{}
	for _, m := range list {
		if m.File != "" {
			count[m.Brand]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(count)) {
		if own := at.brand[id]; len(own) > 0 {
			n := int64(count[id])
			lines = append(lines, fmt.Sprintf(u.trN(n, "  the one that poses as %[1]s: %[3]s", "  the %[2]d that pose as %[1]s: %[3]s", "  %[1]sを装ったもの（%[2]d通）: %[3]s"), at.nameOf(id), n, strings.Join(own, ", ")))
		}
	}
	lines = append(lines, u.tr("  all of them:", "  すべて:"))
	for _, place := range at.country {
		lines = append(lines, "    "+place.In(u.lang)+" "+place.Address)
	}
	return append(lines, u.tr("Where money or data was lost, tell the police too (in Japan: #9110).", "お金や情報の被害があったときは、警察にも相談してください（#9110）。")), nil
}

// nameOf is a brand's name; an id that is none is shown harmlessly by who prints it.
func (at *places) nameOf(id string) string {
	if name := at.name[id]; name != "" {
		return name
	}
	return id
}

// exportReports writes an abuse report of each fake.
func (p *program) exportReports(cmd *cobra.Command, r *reported, dir string) error {
	if err := p.apartFromMail(r, dir); err != nil {
		return err
	}
	at, err := p.places()
	if err != nil {
		return err
	}
	list, err := r.wanted(func(m *finding.Message) bool { return m.Verdict == finding.Impersonation })
	if err != nil {
		return err
	}
	if err := p.makeEmpty(dir); err != nil {
		return err
	}
	x := &exporter{p: p, dir: dir, list: list, form: func(m *exported, stored []byte) ([]byte, error) {
		var b bytes.Buffer
		name := at.nameOf(m.Brand)
		subject := fmt.Sprintf("Report of an email that poses as %s (%s)", name, m.ID)
		text := fmt.Sprintf("This is an abuse report (RFC 5965) of a fake email that poses as %s.\nThe email is attached as it was received. SHA-256 of its bytes: %s\n\nこれは、%sを装ったなりすましメールの通報です。受信したメールをそのまま添付しています。\n", name, m.SHA256, name)
		err := exchange.WriteARF(&b, m.message, stored, at.of(m.Brand), version, subject, text)
		return b.Bytes(), err
	}}
	if err := r.messages(p, cmd, list, x.write); err != nil {
		return err
	}
	return x.finish()
}
