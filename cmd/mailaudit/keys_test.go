package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// nameServer answers TXT questions from a table on a loopback address, and remembers what it was asked.
type nameServer struct {
	addr  string
	mu    sync.Mutex
	asked []string
}

func serveNames(t *testing.T, records map[string]string) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &nameServer{addr: conn.LocalAddr().String()}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := s.answer(buf[:n], records); answer != nil {
				conn.WriteTo(answer, from)
			}
		}
	}()
	return s
}

// questions is what was asked so far.
func (s *nameServer) questions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func (s *nameServer) answer(question []byte, records map[string]string) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	name := strings.TrimSuffix(q.Name.String(), ".")
	s.mu.Lock()
	s.asked = append(s.asked, name)
	s.mu.Unlock()
	reply := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
	if text, ok := records[name]; ok {
		var parts []string
		for len(text) > 255 { // RFC 1035 §3.3: a character-string has at most 255 bytes
			parts, text = append(parts, text[:255]), text[255:]
		}
		reply.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: dnsmessage.TypeTXT, Class: dnsmessage.ClassINET, TTL: 60},
			Body:   &dnsmessage.TXTResource{TXT: append(parts, text)},
		}}
	} else {
		reply.RCode = dnsmessage.RCodeNameError
	}
	b, err := reply.Pack()
	if err != nil {
		return nil
	}
	return b
}

// signedNotice is a notice with signatures of two domains by one key, without any receiver's result.
func signedNotice(t *testing.T, key crypto.Signer, expires time.Time) []byte {
	t.Helper()
	text := "From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\r\nTo: haruka@example.com\r\nSubject: amazon.co.jp: notice\r\n" +
		"Date: Tue, 03 Feb 2026 12:05:04 +0000\r\nMessage-ID: <1@us-west-2.amazonses.com>\r\n\r\nAmazon\r\n"
	signed := []byte(text)
	for _, d := range [][2]string{{"stranger.example", "their-key"}, {"amazon.co.jp", "our-key"}, {"amazon.co.jp", "gone-key"}} {
		var out bytes.Buffer
		err := dkim.Sign(&out, bytes.NewReader(signed), &dkim.SignOptions{
			Domain: d[0], Selector: d[1], Signer: key, Expiration: expires, HeaderKeys: []string{"From", "To", "Subject", "Date", "Message-ID"},
		})
		if err != nil {
			t.Fatal(err)
		}
		signed = out.Bytes()
	}
	return signed
}

// TestKeysFetch: the keys of Amazon's signatures are asked for, and no stranger's; with them a notice that no receiver
// vouched for becomes genuine, also when the signature has expired since.
func TestKeysFetch(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	names := serveNames(t, map[string]string{
		"our-key._domainkey.amazon.co.jp": "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public),
	})
	dir := t.TempDir()
	mail, out, keys := filepath.Join(dir, "notice.eml"), filepath.Join(dir, "report"), filepath.Join(dir, "keys.txt")
	if err := os.WriteFile(mail, signedNotice(t, key, time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC)), 0o600); err != nil {
		t.Fatal(err)
	}

	if v := scanOne(t, mail, out); v.Verdict != finding.Unverifiable {
		t.Fatalf("without keys: %s by %s", v.Verdict, v.Rule)
	}
	var stdout, stderr bytes.Buffer
	if code := run([]string{"keys", "fetch", "--server", names.addr, "--output", keys, out}, strings.NewReader(""), &stdout, &stderr); code != exitUsage {
		t.Errorf("without --yes and without a terminal: exit %d\n%s", code, stderr.String())
	}
	if asked := names.questions(); len(asked) > 0 {
		t.Fatalf("asked without leave: %q", asked)
	}
	stderr.Reset()
	if code := run([]string{"keys", "fetch", "--yes", "--server", names.addr, "--output", keys, out}, strings.NewReader(""), &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d\n%s", code, stderr.String())
	}
	for _, name := range names.questions() {
		if !strings.HasSuffix(name, "._domainkey.amazon.co.jp") {
			t.Errorf("asked for %q", name)
		}
		if !strings.Contains(stderr.String(), name) {
			t.Errorf("asked for %q without saying so:\n%s", name, stderr.String())
		}
	}
	if !strings.Contains(stdout.String(), ": 1; not found: 1") {
		t.Errorf("result: %q", stdout.String())
	}
	v := scanOne(t, mail, out, "--dkim-keys", keys)
	if v.Verdict != finding.Genuine || v.Rule != "A4" {
		t.Errorf("with keys: %s by %s, auth %+v", v.Verdict, v.Rule, v.Auth)
	}

	broken, err := os.ReadFile(mail)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mail, bytes.Replace(broken, []byte("\r\n\r\nAmazon"), []byte("\r\n\r\nAmazon!"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if v := scanOne(t, mail, out, "--dkim-keys", keys); v.Verdict != finding.Unverifiable {
		t.Errorf("a broken body alone condemns nothing and lifts nothing: %s by %s", v.Verdict, v.Rule)
	}
}

// scanOne scans a message and returns its record.
func scanOne(t *testing.T, mail, out string, more ...string) *finding.Message {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args := append([]string{"scan", "--format", "jsonl", "--quiet", "--output", out}, append(more, mail)...)
	if code := run(args, strings.NewReader(""), &stdout, &stderr); code != 0 && code != 1 {
		t.Fatalf("scan: exit %d\n%s", code, stderr.String())
	}
	b, err := os.ReadFile(filepath.Join(out, "findings.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range bytes.Split(b, []byte("\n")) {
		var r finding.Record
		if json.Unmarshal(line, &r) == nil && r.Message != nil {
			return r.Message
		}
	}
	t.Fatal("no message in the stream")
	return nil
}

// TestKeyName: only names of known brands are asked for, and only such as are plain host names.
func TestKeyName(t *testing.T) {
	tests := []struct {
		domain, selector, want string
	}{
		{"amazon.co.jp", "Abc123", "abc123._domainkey.amazon.co.jp"},
		{"amazonses.com", "abc", ""},
		{"stranger.example", "abc", ""},
		{"amazon.co.jp.stranger.example", "abc", ""},
		{"amazon.co.jp", "a b", ""},
		{"amazon.co.jp", "", ""},
		{"amazon.co.jp", strings.Repeat("a", 64), ""},
		{"amazon.co.jp", "a\x1b[31m", ""},
		{"vpass.ne.jp", "sel", "sel._domainkey.vpass.ne.jp"},
	}
	for _, test := range tests {
		got, _ := keyName(brand.Builtin(), finding.Selector{Domain: test.domain, Selector: test.selector})
		if got != test.want {
			t.Errorf("keyName(%q, %q) = %q, want %q", test.domain, test.selector, got, test.want)
		}
	}
}
