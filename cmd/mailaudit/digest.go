package main

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
	"github.com/mailaudit/mailaudit/report/view"
)

// digest is what is new, as it is told in every form.
type digest struct {
	AsOf         time.Time `json:"as_of"`
	New          []entry   `json:"new"`
	Acknowledged int       `json:"acknowledged,omitempty"` // findings that somebody has acknowledged

	report *view.Report
}

// entry is one new finding.
type entry struct {
	News    state.News         `json:"news"` // "new", "worse" than when it was told, or "again": a run that was ended may have told it
	Finding *finding.Attention `json:"finding"`
	Text    string             `json:"text"` // why, in the language of the run
	Do      []string           `json:"do,omitempty"`
}

// digest makes the new findings into a stream of their own, so that masking and texts are those of every report.
func (n *night) digest(list []state.Finding) (*digest, error) {
	d := &digest{AsOf: n.result.AsOf.UTC(), New: []entry{}}
	var b bytes.Buffer
	w := finding.NewWriter(&b)
	asOf := n.result.AsOf.UTC()
	records := []finding.Record{
		{Config: &finding.Config{Protocol: finding.Protocol, Version: version, RulesDigest: n.result.Rules, AsOf: &asOf}},
		{Summary: &n.result.Summary},
		{Profile: &n.result.Profile},
	}
	why := make(map[string]state.News)
	for _, f := range list {
		a := n.item(f.ID)
		records = append(records, finding.Record{Attention: a})
		why[a.ID] = n.news[f.ID]
		if why[a.ID] == state.Nothing {
			why[a.ID] = state.Again // printed before, but --notify-cmd failed
		}
	}
	for i := range n.result.Attention {
		if n.result.Attention[i].Acknowledged != nil {
			d.Acknowledged++
		}
	}
	for _, r := range records {
		if err := w.Write(r); err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	file, err := finding.Open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		return nil, err
	}
	if d.report, err = view.Build(n.cmd.Context(), file, n.look.options(n.p)); err != nil {
		return nil, err
	}
	for _, a := range d.report.Attention() {
		d.New = append(d.New, entry{why[a.ID], a, d.report.Text(a.Why), d.report.Texts(a.Do)})
	}
	return d, nil
}

func (d *digest) json() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(d)
	return b.Bytes(), err
}
