package finding_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(finding.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	id := doc.(map[string]any)["$id"].(string)
	if err := c.AddResource(id, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every kind of record, full and nearly empty, is what the schema says.
func TestSchemaAccepts(t *testing.T) {
	s := schema(t)
	records := append(full(), finding.Record{Message: &finding.Message{
		ID: "m-0123456789abcdef", SHA256: evidence.Sum(nil), Location: evidence.Location{Path: []string{"a"}}, Verdict: finding.Mention, Rule: "M", ContentRisk: "none",
	}})
	for _, line := range bytes.Split(bytes.TrimSpace(write(t, records)), []byte("\n")) {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%.200s: %v", line, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := schema(t)
	message := func(change string) string {
		return fmt.Sprintf(`{"message":{"id":"m-0123456789abcdef","sha256":"%064d","location":{"path":["a"],"offset":0,"length":1},"verdict":"genuine","rule":"A1","content_risk":"none"%s}}`, 0, change)
	}
	cases := []struct {
		name, in string
		ok       bool
	}{
		{"the message the others are made from", message(""), true},
		{"keys of a later version are allowed", message(`,"mood":1`), true},
		{"a verdict has one of seven words", message(`,"verdict":"fake"`), false},
		{"an event is of the list", message(`,"event":"security.sneezed"`), false},
		{"times are UTC", message(`,"time":"2026-02-03T04:05:06+09:00"`), false},
		{"an id is m- and 16 hex digits", message(`,"id":"17"`), false},
		{"a line holds one record", `{"rule":{"id":"A","ja":"","en":""},"problem":{}}`, false},
	}
	for _, c := range cases {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(c.in))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The schema describes every field of every record, no more and no less, and lists the words the code knows.
func TestSchemaIsComplete(t *testing.T) {
	var doc struct {
		Properties map[string]any
		Defs       map[string]struct {
			Enum       []string
			Properties map[string]any
		} `json:"$defs"`
	}
	if err := json.Unmarshal(finding.Schema, &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if typ == reflect.TypeFor[time.Time]() || seen[typ] {
			return
		}
		seen[typ] = true
		name := strings.ToLower(typ.Name())
		props := doc.Defs[name].Properties
		if typ == reflect.TypeFor[finding.Record]() {
			props = doc.Properties
		}
		var tags []string
		for i := range typ.NumField() {
			tag, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			tags = append(tags, tag)
			if props[tag] == nil {
				t.Errorf("%s.%s is not in the schema", name, tag)
			}
			walk(typ.Field(i).Type)
		}
		if len(tags) != len(props) {
			t.Errorf("%s has %d fields, the schema %d", name, len(tags), len(props))
		}
	}
	walk(reflect.TypeFor[finding.Record]())

	words := func(name string, want any) {
		if got := fmt.Sprint(doc.Defs[name].Enum); got != fmt.Sprint(want) {
			t.Errorf("%s in the schema: %v, in the code: %v", name, got, want)
		}
	}
	words("verdict", finding.Verdicts())
	words("severity", finding.Severities())
	words("event", finding.Events())
}
