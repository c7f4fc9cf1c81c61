package mailauth

import (
	"reflect"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// flat writes the methods of a result in one line each, for comparison.
func flat(r fact.Result) []string {
	var out []string
	for _, m := range r.Methods {
		s := m.Method + "=" + m.Result
		if m.Reason != "" {
			s += " reason:" + m.Reason
		}
		for _, p := range m.Props {
			s += " " + p.Type + "." + p.Name + ":" + p.Value
		}
		if m.Comment != "" {
			s += " (" + m.Comment + ")"
		}
		out = append(out, s)
	}
	return out
}

// Fields that no program writes, each found by fuzzing: what is read of them survives being printed.
var oddResults = []string{"0 ..=0", `") ..=G"`, "..", "a; spf=pass .x=1", "a; spf=pass smtp.=1"}

func TestOddResultsSurvivePrinting(t *testing.T) {
	for _, body := range oddResults {
		r := ParseResults(body)
		if again := ParseResults(Print(r)); !reflect.DeepEqual(flat(r), flat(again)) || r.AuthservID != again.AuthservID {
			t.Errorf("%q: %q %q, printed and read again %q %q", body, r.AuthservID, flat(r), again.AuthservID, flat(again))
		}
	}
}

var resultCases = []struct {
	name string
	body string
	id   string
	inst int
	want []string
}{
	{
		"Gmail writes id, header.i, comments, and DMARC's policy in a comment", `mx.google.com;
       dkim=pass header.i=@example.com header.s=sel header.b=AbC+/d==;
       spf=pass (google.com: domain of a@bounces.example.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=a@bounces.example.com;
       dmarc=pass (p=QUARANTINE sp=QUARANTINE dis=NONE) header.from=example.com`, "mx.google.com", 0,
		[]string{
			"dkim=pass header.i:@example.com header.s:sel header.b:AbC+/d==",
			"spf=pass smtp.mailfrom:a@bounces.example.com (google.com: domain of a@bounces.example.com designates 192.0.2.1 as permitted sender)",
			"dmarc=pass header.from:example.com (p=QUARANTINE sp=QUARANTINE dis=NONE)",
		},
	},
	{
		"Microsoft writes no id, and no space behind semicolons", "spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=example.com; dkim=none (message not signed)\r\n header.d=none;dmarc=bestguesspass action=none\r\n header.from=example.com;compauth=pass reason=109", "", 0,
		[]string{
			"spf=pass smtp.mailfrom:example.com (sender IP is 192.0.2.1)", "dkim=none header.d:none (message not signed)",
			"dmarc=bestguesspass .action:none header.from:example.com", "compauth=pass reason:109",
		},
	},
	{
		"an empty value is kept as one", "spf=none (sender IP is 192.0.2.1) smtp.helo=h.example; dmarc=none action=none header.from=;", "", 0,
		[]string{"spf=none smtp.helo:h.example (sender IP is 192.0.2.1)", "dmarc=none .action:none header.from:"},
	},
	{
		"older Exchange repeats the receiver's name between methods", "dkim=none (message not signed)\n header.d=none;mail.example.com; dmarc=none action=none header.from=example.com;", "", 0,
		[]string{"dkim=none header.d:none (message not signed)", "dmarc=none .action:none header.from:example.com"},
	},
	{
		"bimi=none is a method and never a server of that name", "bimi=none; dkim=pass header.d=example.com", "", 0,
		[]string{"bimi=none", "dkim=pass header.d:example.com"},
	},
	{
		"Yahoo! JAPAN writes properties behind the id and in segments of their own",
		"mta706.mail.djm.yahoo.co.jp  from=example.jp; domainkeys=pass (ok); dkim=pass (ok); header.i=@example.jp", "mta706.mail.djm.yahoo.co.jp", 0,
		[]string{"= .from:example.jp", "domainkeys=pass (ok)", "dkim=pass header.i:@example.jp (ok)"},
	},
	{
		"Yahoo writes the policy without a space, and a semicolon at the end",
		"atlas-production.v2-mail-prod1-gq1.omega.yahoo.com; dkim=pass header.i=@example.com header.s=s; spf=pass smtp.mailfrom=b.example.com; dmarc=pass(p=REJECT) header.from=example.com;",
		"atlas-production.v2-mail-prod1-gq1.omega.yahoo.com", 0,
		[]string{"dkim=pass header.i:@example.com header.s:s", "spf=pass smtp.mailfrom:b.example.com", "dmarc=pass header.from:example.com (p=REJECT)"},
	},
	{
		"Japanese providers write sender-id and dkim-adsp",
		"nifty.com; spf=softfail smtp.mailfrom=a@example.cn; sender-id=softfail header.From=a@example.cn; dkim=none; dkim-adsp=none header.from=a@example.cn", "nifty.com", 0,
		[]string{"spf=softfail smtp.mailfrom:a@example.cn", "sender-id=softfail header.from:a@example.cn", "dkim=none", "dkim-adsp=none header.from:a@example.cn"},
	},
	{
		"iCloud's own line for one method", "dkim-verifier.icloud.com;\n\tdkim=pass (2048-bit key) header.d=example.com header.i=@example.com header.b=iBgq", "dkim-verifier.icloud.com", 0,
		[]string{"dkim=pass header.d:example.com header.i:@example.com header.b:iBgq (2048-bit key)"},
	},
	{
		"a semicolon inside a comment ends nothing", "mx.example; spf=pass (helo; dmarc=pass header.from=amazon.co.jp) smtp.mailfrom=a@example.org", "mx.example", 0,
		[]string{"spf=pass smtp.mailfrom:a@example.org (helo; dmarc=pass header.from=amazon.co.jp)"},
	},
	{
		"comments nest", "mx.example (a (b) c) 1 (d); spf=pass (x (y ; z)) smtp.mailfrom=a@example.org", "mx.example", 0,
		[]string{"spf=pass smtp.mailfrom:a@example.org (x (y ; z))"},
	},
	{
		"a comment that is not closed hides the rest", "mx.example; spf=pass (oops; dmarc=pass header.from=amazon.co.jp", "mx.example", 0,
		[]string{"spf=pass (oops; dmarc=pass header.from=amazon.co.jp)"},
	},
	{
		"a semicolon inside quotes ends nothing", `mx.example; spf=pass reason="a; dkim=pass header.d=amazon.co.jp" smtp.mailfrom="x; dmarc=pass"@example.org`, "mx.example", 0,
		[]string{"spf=pass reason:a; dkim=pass header.d=amazon.co.jp smtp.mailfrom:x; dmarc=pass@example.org"},
	},
	{
		"a quoted word is no method", `mx.example; "dmarc=pass" header.from=amazon.co.jp; spf=none`, "mx.example", 0,
		[]string{"= header.from:amazon.co.jp", "spf=none"},
	},
	{
		"versions of the field and of methods are read over", "mx.example/1 1; dkim/1=pass header.d=example.com", "mx.example/1", 0,
		[]string{"dkim=pass header.d:example.com"},
	},
	{
		"white space around the equals sign of a value", "mx.example; dmarc=pass header.from= example.com", "mx.example", 0,
		[]string{"dmarc=pass header.from:example.com"},
	},
	{
		"a method inside another's segment is a property, not a result", "mx.example; spf=fail smtp.mailfrom=a dkim=pass header.d=example.com", "mx.example", 0,
		[]string{"spf=fail smtp.mailfrom:a .dkim:pass header.d:example.com"},
	},
	{"no result at all", "mx.example; none", "mx.example", 0, nil},
	{"nothing", "", "", 0, nil},
	{
		"ARC puts the instance before the id, Microsoft a version behind it", "i=2; mx.microsoft.com 1; spf=pass (sender ip is 192.0.2.1) smtp.rcpttodomain=example.net smtp.mailfrom=example.com; dmarc=pass action=none header.from=example.com; arc=pass (0 oda=1 ltdi=1 spf=[1,1,smtp.mailfrom=example.com])",
		"mx.microsoft.com", 2,
		[]string{
			"spf=pass smtp.rcpttodomain:example.net smtp.mailfrom:example.com (sender ip is 192.0.2.1)", "dmarc=pass .action:none header.from:example.com",
			"arc=pass (0 oda=1 ltdi=1 spf=[1,1,smtp.mailfrom=example.com])",
		},
	},
	{
		"a forwarder's envelope holds equals signs", `spf.icloud.com; spf=pass smtp.mailfrom="SRS0=Z8Bj=5h=example.com=user@fwd.example"`, "spf.icloud.com", 0,
		[]string{"spf=pass smtp.mailfrom:SRS0=Z8Bj=5h=example.com=user@fwd.example"},
	},
}

func TestParseResults(t *testing.T) {
	for _, c := range resultCases {
		r := ParseResults(c.body)
		if r.AuthservID != c.id || r.Instance != c.inst {
			t.Errorf("%s: id %q instance %d, want %q %d", c.name, r.AuthservID, r.Instance, c.id, c.inst)
		}
		if got := flat(r); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestParseResultsIsBounded(t *testing.T) {
	long := strings.Repeat("a", 10_000)
	for name, body := range map[string]string{
		"an id longer than a host name":                  long + "; dmarc=pass header.from=example.com",
		"a value longer than a domain, which is not cut": "mx.example; dmarc=pass header.from=example.com." + long,
		"more methods than anybody writes":               "mx.example" + strings.Repeat("; dkim=pass header.d=example.com", 1000),
		"more properties than anybody writes":            "mx.example; dkim=pass" + strings.Repeat(" header.d=example.com", 1000),
		"a field of a megabyte":                          "mx.example; x=" + strings.Repeat(long, 100),
		"parentheses nested without end":                 "mx.example; spf=pass " + strings.Repeat("(", 20_000),
		"a quote that is not closed":                     `mx.example; spf=pass smtp.mailfrom="` + long,
	} {
		r := ParseResults(body)
		if r.Defect == "" {
			t.Errorf("%s: no defect", name)
		}
		if len(r.Methods) > maxMethods {
			t.Errorf("%s: %d methods", name, len(r.Methods))
		}
		for _, m := range r.Methods {
			if len(m.Props) > maxProps {
				t.Errorf("%s: %d properties", name, len(m.Props))
			}
			for _, p := range m.Props {
				if strings.HasPrefix(p.Value, "example.com.a") {
					t.Errorf("%s: value was cut to %q", name, p.Value)
				}
			}
		}
	}
}

func TestParseReceivedSPF(t *testing.T) {
	for _, c := range []struct{ name, body, id, want string }{
		{
			"Google's form", "pass (google.com: domain of a@example.com designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;", "",
			"spf=pass .client-ip:192.0.2.1 (google.com: domain of a@example.com designates 192.0.2.1 as permitted sender)",
		},
		{
			"Microsoft's form, with capitals", "SoftFail (protection.outlook.com: domain of transitioning\r\n example.com discourages use of 192.0.2.1 as permitted sender)\r\n receiver=protection.outlook.com; client-ip=192.0.2.1; helo=h.example; pr=C", "protection.outlook.com",
			"spf=softfail .receiver:protection.outlook.com .client-ip:192.0.2.1 .helo:h.example .pr:C (protection.outlook.com: domain of transitioning example.com discourages use of 192.0.2.1 as permitted sender)",
		},
		{
			"the form of Postfix's policy server", "None (mailfrom) identity=mailfrom; client-ip=192.0.2.1; helo=h.example; envelope-from=a@h.example; receiver=<UNKNOWN>", "<unknown>",
			"spf=none .identity:mailfrom .client-ip:192.0.2.1 .helo:h.example .envelope-from:a@h.example .receiver:<UNKNOWN> (mailfrom)",
		},
	} {
		r := ParseReceivedSPF(c.body)
		if got := flat(r); len(got) != 1 || got[0] != c.want || r.AuthservID != c.id {
			t.Errorf("%s:\n got %q %q\nwant %q %q", c.name, r.AuthservID, got, c.id, c.want)
		}
	}
}

// FuzzParseResults checks that what was parsed prints and parses as the same, that bounds hold, and that no result
// comes out that is not written in the field as method, equals sign and result.
func FuzzParseResults(f *testing.F) {
	for _, c := range resultCases {
		f.Add(c.body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := ParseResults(body)
		low := strings.ToLower(body)
		for _, m := range r.Methods {
			if m.Method != "" && !strings.Contains(low, m.Method) {
				t.Fatalf("method %q is not in the field", m.Method)
			}
			if m.Result == "pass" && !strings.Contains(strings.NewReplacer(`"`, "", `\`, "").Replace(low), "=pass") {
				t.Fatalf("a pass that is not in the field: %q", body)
			}
		}
		if len(r.Methods) > maxMethods || len(r.AuthservID) > 255 {
			t.Fatal("bounds are not kept")
		}
		if r.Defect != "" || !printable(r) {
			return
		}
		again := ParseResults(Print(r))
		if !reflect.DeepEqual(flat(r), flat(again)) || r.AuthservID != again.AuthservID || r.Instance != again.Instance {
			t.Fatalf("%q\nread  %q %q\nprint %q\nread  %q %q", body, r.AuthservID, flat(r), Print(r), again.AuthservID, flat(again))
		}
	})
}

// printable leaves out results that no printed form can hold: values with control characters, comments that end in a
// lone backslash, a pseudo method that follows a real one.
func printable(r fact.Result) bool {
	ok := func(s string) bool { return !strings.ContainsAny(s, "\x00\r\n\\") }
	if !ok(r.AuthservID) || strings.ContainsAny(r.AuthservID, "=\"") || len(r.AuthservID) == 0 && len(r.Methods) > 0 && !methods[r.Methods[0].Method] {
		return false
	}
	for i, m := range r.Methods {
		if !ok(m.Result) || !ok(m.Reason) || !ok(m.Comment) || m.Method == "" && i > 0 || m.Method != "" && m.Result == "" ||
			m.Comment != strings.ToValidUTF8(m.Comment, "") || strings.ContainsAny(m.Comment, "()") || strings.ContainsAny(m.Method, `"/`) || !isMethod(m.Method) && m.Method != "" {
			return false
		}
		if m.Method == "" && m.Comment != "" {
			return false
		}
		for _, p := range m.Props {
			if !ok(p.Value) || p.Value == "" || strings.ContainsAny(p.Name+p.Type, "\"\\()") || p.Type == "" && (methods[p.Name] || m.Method == "" && isMethod(p.Name)) || p.Name == "" || p.Type == "" && p.Name == "reason" {
				return false
			}
		}
	}
	return true
}
