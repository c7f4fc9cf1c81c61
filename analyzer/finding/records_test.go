package finding_test

import (
	"reflect"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// full returns a record of every kind with every field set to something other than its zero value.
func full() []finding.Record {
	var all finding.Record
	fill(reflect.ValueOf(&all).Elem(), "")
	c, s, src, p, a, i, se, le, ru, m, pr := all.Config, all.Summary, all.Source, all.Profile, all.Attention, all.Incident, all.Series, all.Ledger, all.Rule, all.Message, all.Problem
	c.Protocol = finding.Protocol
	s.Verdicts = map[string]int64{"genuine": 1}
	s.Span = []time.Time{someTime, someTime.Add(time.Hour)}
	s.SilentMonths = []string{"2025-08"}
	p.Trust[0].Place = "below"
	se.Cadence = "monthly"
	se.Event = finding.StatementIssued
	se.Periods = []finding.Period{{Period: "2026-01", State: "read", Message: "m-0123456789abcdef"}}
	le.Kind, le.State = "order", "no_mail"
	m.ID = "m-0123456789abcdef"
	m.TimeSource = "received"
	m.Verdict, m.ContentRisk, m.Event = finding.Genuine, "none", finding.PasswordChanged
	m.Signals[0].For, m.Signals[0].Strength = finding.ForGenuine, finding.Strong
	m.Read.Folder = finding.Spam
	a.Severity, i.Severity, m.Severity = finding.Critical, finding.High, finding.Critical
	pr.Stage = "mime"
	return []finding.Record{
		{Config: c}, {Summary: s}, {Source: src}, {Profile: p}, {Attention: a}, {Incident: i}, {Series: se}, {Ledger: le}, {Rule: ru},
		{Message: m}, {Problem: pr},
	}
}

var someTime = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

// fill sets everything below v.
func fill(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(someTime))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Field(i).Name)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), name)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		val := reflect.New(v.Type().Elem()).Elem()
		fill(val, name)
		v.SetMapIndex(reflect.ValueOf("key").Convert(v.Type().Key()), val)
	case reflect.Interface:
		v.Set(reflect.ValueOf("any <&> of it"))
	case reflect.String:
		v.SetString("a <&> " + name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(0xab)
	default:
		panic("fill: " + v.Kind().String())
	}
}
