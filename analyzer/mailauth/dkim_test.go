package mailauth

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

const dkimMessage = "From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\r\nTo: owner@example.net\r\nSubject: =?utf-8?B?44OG44K544OI?=\r\nDate: Mon, 23 Jun 2025 06:27:58 +0000\r\nMessage-ID: <1@us-west-2.amazonses.com>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nFirst line\r\n  spaces   inside \t \r\nFrom here on\r\n>From a quotation\r\n\r\n\r\nlast line\r\n\r\n\r\n"

// signing signs with an implementation that is not ours.
func signing(t *testing.T, msg string, opt *dkim.SignOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := dkim.Sign(&b, strings.NewReader(msg), opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func rsaRecord(t *testing.T, key *rsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

func keysOf(t *testing.T, lines ...string) Keys {
	t.Helper()
	k, err := LoadKeys(strings.NewReader(strings.Join(lines, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func signaturesOf(raw string, mbox bool, keys Keys) []fact.Signature {
	h := message.ParseHeader([]byte(raw), limit.Default())
	return Signatures(&h, []byte(raw), mbox, keys)
}

func newRSA(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestSignatures(t *testing.T) {
	key := newRSA(t, 1024)
	other := newRSA(t, 1024)
	opt := func(h, b dkim.Canonicalization) *dkim.SignOptions {
		return &dkim.SignOptions{
			Domain: "amazon.co.jp", Selector: "abc", Signer: key, HeaderCanonicalization: h, BodyCanonicalization: b,
			HeaderKeys: []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"},
		}
	}
	amazon := opt(dkim.CanonicalizationRelaxed, dkim.CanonicalizationSimple)
	signed := signing(t, dkimMessage, amazon)
	unix := strings.ReplaceAll(signed, "\r\n", "\n")
	bare := strings.ReplaceAll(signing(t, strings.Replace(dkimMessage, ">From a", "> From a", 1), amazon), "\r\n", "\n")
	quote := func(s string, deep bool) string {
		var out []string
		for _, l := range strings.Split(s, "\n") {
			bare := strings.TrimLeft(l, ">")
			if strings.HasPrefix(l, "From ") || deep && strings.HasPrefix(bare, "From ") {
				l = ">" + l
			}
			out = append(out, l)
		}
		return strings.Join(out, "\n")
	}
	name := "abc._domainkey.amazon.co.jp\t"
	good := keysOf(t, name+rsaRecord(t, key))
	for _, c := range []struct {
		name     string
		raw      string
		mbox     bool
		keys     Keys
		body, ok string
	}{
		{"as it was sent", signed, false, good, BodyMatch, CheckPass},
		{"with the line ends of Unix", unix, false, good, BodyMatch, CheckPass},
		{"in an mbox that quotes bare From_ lines only", quote(bare, false), true, good, BodyMatch, CheckPass},
		{"the same, where a quoted line can't be told from one that came so", quote(unix, false), true, good, BodyMismatch, CheckChanged},
		{"in an mbox that quotes quoted ones too", quote(unix, true), true, good, BodyMatch, CheckPass},
		{"in an mbox of a program that quotes nothing", unix, true, good, BodyMatch, CheckPass},
		{"with blank lines lost at the end", strings.TrimRight(unix, "\n") + "\n", false, good, BodyMatch, CheckPass},
		{"with fields added above by the export", "X-GM-THRID: 1\nX-Gmail-Labels: Inbox\n" + unix, false, good, BodyMatch, CheckPass},
		{"simple canonicalisation of the header", signing(t, dkimMessage, opt(dkim.CanonicalizationSimple, dkim.CanonicalizationSimple)), false, good, BodyMatch, CheckPass},
		{"relaxed canonicalisation of the body", signing(t, dkimMessage, opt(dkim.CanonicalizationRelaxed, dkim.CanonicalizationRelaxed)), false, good, BodyMatch, CheckPass},
		{"relaxed, white space changed on the way", strings.Replace(signing(t, dkimMessage, opt(dkim.CanonicalizationRelaxed, dkim.CanonicalizationRelaxed)), "spaces   inside", "spaces inside", 1), false, good, BodyMatch, CheckPass},
		{"the text was changed", strings.Replace(unix, "last line", "lost line", 1), false, good, BodyMismatch, CheckChanged},
		{"a footer was added", unix + "_______\nA list\n", false, good, BodyMismatch, CheckChanged},
		{"the subject was tagged", strings.Replace(unix, "Subject: ", "Subject: [list] ", 1), false, good, "", CheckFail},
		{"From was changed", strings.Replace(unix, "account-update@", "account-updated@", 1), false, good, "", CheckFail},
		{"only the header was kept: no mismatch", unix[:strings.Index(unix, "\n\n")+2], false, good, "", CheckChanged},
		{"another key", signed, false, keysOf(t, name+rsaRecord(t, other)), "", CheckFail},
		{"the selector's former key beside the present one", signed, false, keysOf(t, name+rsaRecord(t, other), name+rsaRecord(t, key)), BodyMatch, CheckPass},
		{"no key for this selector", signed, false, keysOf(t, "x._domainkey.amazon.co.jp\t"+rsaRecord(t, key)), "", CheckNoKey},
		{"a revoked key", signed, false, keysOf(t, name+"v=DKIM1; p=", "x._domainkey.amazon.co.jp\t"+rsaRecord(t, key)), "", CheckNoKey},
		{"a key for another hash", signed, false, keysOf(t, name+strings.Replace(rsaRecord(t, key), "k=rsa", "k=rsa; h=sha1", 1)), "", CheckFail},
		{"no keys were given", signed, false, Keys{}, "", ""},
	} {
		got := signaturesOf(c.raw, c.mbox, c.keys)
		if len(got) != 1 {
			t.Fatalf("%s: %d signatures", c.name, len(got))
		}
		s := got[0]
		if s.BodyHash != c.body || s.Checked != c.ok {
			t.Errorf("%s: body %q, checked %q (%s), want %q, %q", c.name, s.BodyHash, s.Checked, s.Reason, c.body, c.ok)
		}
		if s.Domain != "amazon.co.jp" || s.Selector != "abc" || s.Algorithm != "rsa-sha256" || len(s.Signed) != 7 {
			t.Errorf("%s: read as %+v", c.name, s)
		}
		if s.Checked == CheckPass && s.KeyBits != 1024 {
			t.Errorf("%s: %d bits", c.name, s.KeyBits)
		}
		f := read("From: a@amazon.co.jp\nDate: Mon, 23 Jun 2025 06:27:58 +0000\n")
		f.Signatures = got
		if a := Assess(f, &fact.Profile{}, brand.Builtin()); (a.Verified != nil) != (c.ok == CheckPass) {
			t.Errorf("%s: verified %v", c.name, a.Verified != nil)
		}
	}
}

// A second Subject above the signed one is what the reader sees; the signature is good for the other.
func TestFieldsAddedBesideSignedOnes(t *testing.T) {
	key := newRSA(t, 1024)
	signed := signing(t, dkimMessage, &dkim.SignOptions{Domain: "amazon.co.jp", Selector: "abc", Signer: key, HeaderKeys: []string{"From", "Subject", "Date"}})
	keys := keysOf(t, "abc._domainkey.amazon.co.jp\t"+rsaRecord(t, key))
	s := signaturesOf("Subject: pay at evil.example\r\n"+signed, false, keys)[0]
	if s.Checked != CheckPass || s.Reason == "" {
		t.Errorf("checked %q, reason %q", s.Checked, s.Reason)
	}
}

func TestEd25519(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signed := signing(t, dkimMessage, &dkim.SignOptions{Domain: "amazon.co.jp", Selector: "ed", Signer: crypto.Signer(private), HeaderKeys: []string{"From", "Subject", "Date"}})
	keys := keysOf(t, "ed._domainkey.amazon.co.jp. 300 IN TXT \"v=DKIM1; k=ed25519; \" \"p="+base64.StdEncoding.EncodeToString(public)+"\"")
	if s := signaturesOf(signed, false, keys)[0]; s.Checked != CheckPass || s.KeyBits != 256 {
		t.Errorf("checked %q, %d bits, %s", s.Checked, s.KeyBits, s.Reason)
	}
}

// An expired signature is read as it is: other implementations refuse it by today's clock.
func TestExpiredSignatureIsChecked(t *testing.T) {
	key := newRSA(t, 1024)
	raw := "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=amazon.co.jp; s=abc; t=1000000000; x=1000086400; h=from:subject:date; bh=" +
		hash64("body\r\n") + "; b="
	rest := "From: a@amazon.co.jp\r\nSubject: s\r\nDate: Sun, 9 Sep 2001 01:46:40 +0000\r\n\r\nbody\r\n"
	fields := strings.SplitAfter(rest[:strings.Index(rest, "\r\n\r\n")+2], "\r\n")
	sum := sha256.Sum256([]byte(strings.Join(fields, "") + raw))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	s := signaturesOf(raw+base64.StdEncoding.EncodeToString(sig)+"\r\n"+rest, false, keysOf(t, "abc._domainkey.amazon.co.jp\t"+rsaRecord(t, key)))[0]
	if s.Checked != CheckPass || s.Expires.Unix() != 1000086400 {
		t.Errorf("checked %q (%s), expires %v", s.Checked, s.Reason, s.Expires)
	}
}

func hash64(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// The empty body has a hash of its own in each canonicalisation (RFC 6376 §3.4.3, §3.4.4).
func TestEmptyBody(t *testing.T) {
	for canon, bh := range map[string]string{
		"simple/simple":  "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=",
		"simple/relaxed": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
	} {
		for _, body := range []string{"", "\n", "\r\n\r\n"} {
			raw := "DKIM-Signature: v=1; a=rsa-sha256; c=" + canon + "; d=example.com; s=s; h=from; bh=" + bh + "; b=x\nFrom: a@example.com\n\n" + body
			h := message.ParseHeader([]byte(raw), limit.Limits{})
			if got := newBody([]byte(raw), h.Size, false).check(parseTags(h.Get("DKIM-Signature"))); got != BodyMatch {
				t.Errorf("%s, body %q: %q", canon, body, got)
			}
		}
	}
}

func TestLoadKeys(t *testing.T) {
	record := rsaRecord(t, newRSA(t, 1024))
	half := len(record) / 2
	for _, c := range []struct {
		name, file string
		names      int
		err        string
	}{
		{"name, tab, record", "a._domainkey.example.com\t" + record, 1, ""},
		{"name in capitals with a final dot", "A._domainkey.Example.COM.\t" + record, 1, ""},
		{"a zone file's line", "a._domainkey.example.com. 3600 IN TXT \"" + record[:half] + "\" \"" + record[half:] + "\"", 1, ""},
		{"without TTL and class", "a._domainkey.example.com TXT \"" + record + "\"", 1, ""},
		{"over several lines", "a._domainkey.example.com. IN TXT (\n \"" + record[:half] + "\"\n  \"" + record[half:] + "\" )\nb._domainkey.example.com\t" + record, 2, ""},
		{"comments and empty lines", "# keys\n\n; more\na._domainkey.example.com\t" + record, 1, ""},
		{"a revoked key", "a._domainkey.example.com\tv=DKIM1; p=", 0, ""},
		{"a key for another service", "a._domainkey.example.com\ts=other; " + strings.TrimPrefix(record, "v=DKIM1; "), 0, ""},
		{"nothing", "", 0, ""},
		{"not a key's name", "example.com\t" + record, 0, "line 1"},
		{"not a record", "\na._domainkey.example.com\tp=%%%", 0, "line 2"},
		{"no key in it", "a._domainkey.example.com\tv=DKIM1; p=AAAA", 0, "no RSA key"},
		{"another version", "a._domainkey.example.com\tv=DKIM2; p=AAAA", 0, "version"},
		{"a single word", "a._domainkey.example.com", 0, "line 1"},
		{"a line without end", "a._domainkey.example.com\t" + strings.Repeat("x", 1<<20), 0, "too long"},
	} {
		k, err := LoadKeys(strings.NewReader(c.file))
		switch {
		case c.err == "" && err != nil, c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: %v", c.name, err)
		case k.Len() != c.names:
			t.Errorf("%s: %d names", c.name, k.Len())
		}
	}
}

func TestSignaturesAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s%d; l=%d; h=%s; bh=AAAA; b=AAAA\n", i, i, strings.Repeat("from:", 500))
	}
	b.WriteString("From: a@example.com\n\n" + strings.Repeat("line\n", 100_000))
	got := signaturesOf(b.String(), false, Keys{})
	if len(got) != maxSignatures {
		t.Errorf("%d signatures", len(got))
	}
	for _, s := range got {
		if len(s.Signed) > maxSigned {
			t.Errorf("%d signed fields", len(s.Signed))
		}
	}
}

// FuzzSignatures checks that nothing verifies under a key that signed nothing, and that our body hash agrees with the
// one that another implementation puts into a signature.
func FuzzSignatures(f *testing.F) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		f.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		f.Fatal(err)
	}
	keys, err := LoadKeys(strings.NewReader("abc._domainkey.amazon.co.jp\tv=DKIM1; p=" + base64.StdEncoding.EncodeToString(der)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("DKIM-Signature: v=1; a=rsa-sha256; d=amazon.co.jp; s=abc; h=from; bh=AAAA; b=AAAA\nFrom: a@amazon.co.jp\n\nx", "a  b\r\n\r\n", true)
	f.Fuzz(func(t *testing.T, raw, body string, relaxed bool) {
		for _, s := range signaturesOf(raw, true, keys) {
			if s.Checked == CheckPass || s.Checked == CheckChanged {
				t.Fatalf("verified what nobody signed: %+v", s)
			}
		}
		body = strings.ReplaceAll(strings.ReplaceAll(body, "\r", ""), "\n", "\r\n")
		canon := dkim.CanonicalizationSimple
		if relaxed {
			canon = dkim.CanonicalizationRelaxed
		}
		var out bytes.Buffer
		opt := &dkim.SignOptions{Domain: "amazon.co.jp", Selector: "abc", Signer: key, BodyCanonicalization: canon, HeaderKeys: []string{"From"}}
		if err := dkim.Sign(&out, strings.NewReader("From: a@amazon.co.jp\r\n\r\n"+body), opt); err != nil {
			return
		}
		if s := signaturesOf(out.String(), false, keys); len(s) != 1 || s[0].BodyHash != BodyMatch || s[0].Checked != CheckPass {
			t.Fatalf("body %q: %+v", body, s)
		}
	})
}

// FuzzLoadKeys checks that what loads can be looked up by names of the right form, and that loading the same file twice
// in a row gives every record twice.
func FuzzLoadKeys(f *testing.F) {
	f.Add("a._domainkey.example.com\tv=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ==\n")
	f.Add("a._domainkey.example.com. 3600 IN TXT (\"v=DKIM1; k=ed25519; \"\n \"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\")\n# x\n")
	f.Fuzz(func(t *testing.T, file string) {
		k, err := LoadKeys(strings.NewReader(file))
		if err != nil {
			return
		}
		for name, records := range k.records {
			if name != strings.ToLower(name) || !strings.Contains(name, "._domainkey.") || len(records) == 0 {
				t.Fatalf("%q: %d records", name, len(records))
			}
			for _, r := range records {
				if r.rsa == nil && r.ed25519 == nil {
					t.Fatalf("%q: a record without key", name)
				}
			}
		}
		if strings.Contains(file, "(") {
			return
		}
		twice, err := LoadKeys(strings.NewReader(file + "\n" + file))
		if err != nil {
			t.Fatal(err)
		}
		for name := range k.records {
			if len(twice.records[name]) != 2*len(k.records[name]) {
				t.Fatalf("%q: %d records, then %d", name, len(k.records[name]), len(twice.records[name]))
			}
		}
	})
}
