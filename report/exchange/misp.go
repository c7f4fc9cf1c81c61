package exchange

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// The template of email objects, MISP/misp-objects objects/email/definition.json. MISP takes an object of an older version
// of its template; this one has all that is used here.
const (
	emailTemplate = "a0c666e0-fc65-4be8-b48f-3423d788b552"
	emailVersion  = "3"
)

type mispEvent struct {
	UUID          string       `json:"uuid"`
	Info          string       `json:"info"`
	Date          string       `json:"date"`
	Timestamp     string       `json:"timestamp"`
	ThreatLevelID string       `json:"threat_level_id"` // 3: low
	Analysis      string       `json:"analysis"`        // 2: completed
	Distribution  string       `json:"distribution"`    // 0: your organisation only
	Published     bool         `json:"published"`
	Attribute     []mispValue  `json:"Attribute"`
	Object        []mispObject `json:"Object"`
	Tag           []mispTag    `json:"Tag"`
}

type mispTag struct {
	Name string `json:"name"`
}

type mispObject struct {
	Name            string      `json:"name"`
	MetaCategory    string      `json:"meta-category"`
	Description     string      `json:"description"`
	TemplateUUID    string      `json:"template_uuid"`
	TemplateVersion string      `json:"template_version"`
	UUID            string      `json:"uuid"`
	Timestamp       string      `json:"timestamp"`
	Distribution    string      `json:"distribution"`
	Comment         string      `json:"comment,omitempty"`
	Attribute       []mispValue `json:"Attribute"`
}

type mispValue struct {
	UUID               string `json:"uuid"`
	Type               string `json:"type"`
	Category           string `json:"category"`
	ObjectRelation     string `json:"object_relation,omitempty"`
	Value              string `json:"value"`
	ToIDs              bool   `json:"to_ids"`
	DisableCorrelation bool   `json:"disable_correlation"`
	Distribution       string `json:"distribution"`
	Comment            string `json:"comment,omitempty"`
}

// WriteMISP writes one MISP event: an email object for each fake, and what they can be known by as attributes.
func WriteMISP(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	return write(ctx, f, w, opt, "misp", func(r *view.Report, b *bufio.Writer) error {
		at := made(r)
		stamp := strconv.FormatInt(at.Unix(), 10)
		e := mispEvent{
			Info: r.Say("exchange.misp"), Date: at.Format(time.DateOnly), Timestamp: stamp, ThreatLevelID: "3", Analysis: "2", Distribution: "0",
			Attribute: []mispValue{}, Object: []mispObject{}, Tag: []mispTag{{"tlp:amber"}, {`rsit:fraud="phishing"`}},
		}
		var ids strings.Builder
		err := fakes(ctx, r, func(m *finding.Message) error {
			e.Object = append(e.Object, mispEmail(m, stamp))
			ids.WriteString(m.ID + m.SHA256.String())
			return nil
		})
		if err != nil {
			return err
		}
		e.UUID = uuid5(own, "event "+ids.String())
		list, err := indicators(ctx, r)
		if err != nil {
			return err
		}
		for _, x := range list {
			category := "Network activity"
			if x.kind == "email-src" {
				category = "Payload delivery"
			}
			e.Attribute = append(e.Attribute, mispValue{
				UUID: uuid5(own, e.UUID+x.kind+x.value), Type: x.kind, Category: category, Value: x.value, ToIDs: x.links > 0, Distribution: "5",
				Comment: x.example,
			})
		}
		out, err := marshal(map[string]any{"Event": e})
		if err != nil {
			return err
		}
		_, err = b.Write(append(out, '\n'))
		return err
	})
}

func mispEmail(m *finding.Message, stamp string) mispObject {
	o := mispObject{
		Name: "email", MetaCategory: "network", Description: "Email object describing an email with meta-information", TemplateUUID: emailTemplate,
		TemplateVersion: emailVersion, UUID: uuid5(own, "email "+m.SHA256.String()+m.ID), Timestamp: stamp, Distribution: "5",
		Comment: plain(m.ID) + " " + plain(m.Brand) + " SHA-256 " + m.SHA256.String(), Attribute: []mispValue{},
	}
	seen := map[string]bool{}
	add := func(relation, kind, category, value string, ids bool) {
		value = strings.TrimSpace(value)
		if value == "" || seen[relation+value] {
			return
		}
		seen[relation+value] = true
		o.Attribute = append(o.Attribute, mispValue{
			UUID: uuid5(own, o.UUID+relation+value), Type: kind, Category: category, ObjectRelation: relation, Value: value, ToIDs: ids, Distribution: "5",
			DisableCorrelation: kind == "datetime",
		})
	}
	const delivery = "Payload delivery"
	if m.From != nil {
		if a, ok := address(m.From.Address); ok {
			add("from", "email-src", delivery, a, !forged(m))
		}
		add("from-display-name", "email-src-display-name", delivery, plain(m.From.Name), false)
	}
	for k, t := range m.To {
		if a, ok := address(t.Address); ok && k < 10 {
			add("to", "email-dst", delivery, a, false)
		}
	}
	for k, t := range m.ReplyTo {
		if a, ok := address(t.Address); ok && k == 0 {
			add("reply-to", "email-reply-to", delivery, a, false)
		}
	}
	add("subject", "email-subject", delivery, plain(m.Subject), false)
	add("message-id", "email-message-id", delivery, view.WholeMessageID(m), false)
	for k, a := range m.Attachments {
		if k < 20 {
			add("attachment", "email-attachment", delivery, plain(a.Name), false)
		}
	}
	if m.Time != nil {
		add("send-date", "datetime", "Other", m.Time.UTC().Format("2006-01-02T15:04:05.000000+00:00"), false)
	}
	return o
}
