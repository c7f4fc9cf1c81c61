package brand

import (
	"errors"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

func TestBuiltinIsUpToDate(t *testing.T) {
	want, err := DecodeBuiltin(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(builtin, want) {
		t.Error("builtin_gen.go differs from data/*.toml; run go generate")
	}
	if _, err := newSet(builtin); err != nil {
		t.Error(err)
	}
	if len(Builtin().All()) == 0 || Builtin().All()[0].ID != "amazon" {
		t.Error("Amazon is not the first brand")
	}
}

func TestFingerprintPatternsCompile(t *testing.T) {
	for _, b := range Builtin().All() {
		f := b.Fingerprint
		for _, p := range []string{f.ReturnPath, f.MessageID, f.ReceivedFrom, f.FeedbackID} {
			if _, err := regexp.Compile(strings.ReplaceAll(p, "{domain}", "x")); err != nil {
				t.Errorf("%s: %v", b.ID, err)
			}
		}
	}
}

func TestLookup(t *testing.T) {
	s := Builtin()
	tests := []struct {
		why, host  string
		brand      string
		role       Role
		confidence Confidence
		official   bool
	}{
		{"retail", "amazon.co.jp", "amazon", Retail, H, true},
		{"below retail", "www.amazon.co.jp", "amazon", Retail, H, true},
		{"com.be is no public suffix, the name counts as a whole", "www.amazon.com.be", "amazon", Retail, H, true},
		{"a neighbour below com.be", "www.example.com.be", "", "", "", false},
		{"a weak entry keeps its confidence", "amazon.com.co", "amazon", Retail, L, true},
		{"service", "www.primevideo.com", "amazon", Service, H, true},
		{"a list that a crowd keeps", "amazon.dev", "amazon", Service, L, true},
		{"every name below a registry of its own", "builder.aws", "amazon", Service, H, true},
		{"the registry in another script", "xn--q9jyb4c.xn--cckwcxetd", "amazon", Service, H, true},
		{"customers below such a registry", "x.lambda-url.eu-west-1.on.aws", "amazon", Customer, H, false},
		{"the registry's name as a label says nothing", "aws.example.com", "", "", "", false},
		{"its end without a dot neither", "notaws", "", "", "", false},
		{"text that customers of AWS write", "amazonconnect.com", "amazon", Relay, H, false},
		{"seller relay", "marketplace.amazon.de", "amazon", Relay, H, false},
		{"mobile seller relay", "m.marketplace.amazon.co.jp", "amazon", Relay, H, false},
		{"envelope", "bounces.amazon.co.uk", "amazon", Bounce, H, false},
		{"storage of customers", "amazon-check.s3.ap-northeast-1.amazonaws.com", "amazon", Customer, H, false},
		{"notification service", "sns.amazonaws.com", "amazon", Relay, H, false},
		{"tenant of AWS", "someone.awsapps.com", "amazon", Relay, H, false},
		{"pictures", "m.media-amazon.com", "amazon", Assets, H, false},
		{"shortener", "amzn.to", "amazon", Short, H, false},
		{"the end decides", "amazon.co.jp.example.net", "", "", "", false},
		{"no dot before the name", "notamazon.com", "", "", "", false},
		{"payments-amazon.de is named as fake by Amazon's own help", "payments-amazon.de", "", "", "", false},
		{"issuer", "contact.vpass.ne.jp", "smbc-card", Retail, H, true},
		{"empty", "", "", "", "", false},
	}
	for _, tt := range tests {
		b, d, ok := s.Lookup(tt.host)
		id := ""
		if b != nil {
			id = b.ID
		}
		if ok != (tt.brand != "") || id != tt.brand || d.Role != tt.role || d.Confidence != tt.confidence || s.Official(tt.host) != tt.official {
			t.Errorf("%s: Lookup(%q) = %q %+v, official %v", tt.why, tt.host, id, d, s.Official(tt.host))
		}
	}
}

func TestAligned(t *testing.T) {
	s := Builtin()
	tests := []struct {
		why, a, b   string
		same, cross bool
	}{
		{"envelope with its retail domain", "bounces.amazon.co.jp", "amazon.co.jp", true, false},
		{"below the same entry", "email.amazon.com", "amazon.com", true, false},
		{"another marketplace", "amazon.com", "amazon.co.jp", false, true},
		{"envelope of another marketplace", "bounces.amazon.com", "amazon.de", false, true},
		{"seller relay with its retail domain", "marketplace.amazon.co.jp", "amazon.co.jp", true, false},
		{"SES signs for everybody", "amazonses.com", "amazon.co.jp", false, false},
		{"AWS customers", "x.amazonaws.com", "x.amazonaws.com", false, false},
		{"a tenant's relay vouches for itself only", "awsapps.com", "amazon.com", false, false},
		{"notification service with itself", "sns.amazonaws.com", "sns.amazonaws.com", true, false},
		{"another brand", "vpass.ne.jp", "amazon.co.jp", false, false},
		{"a foreign domain with itself", "example.com", "example.com", false, false},
	}
	for _, tt := range tests {
		if same, cross := s.Aligned(tt.a, tt.b); same != tt.same || cross != tt.cross {
			t.Errorf("%s: Aligned(%q, %q) = %v, %v", tt.why, tt.a, tt.b, same, cross)
		}
		if same, cross := s.Aligned(tt.b, tt.a); same != tt.same || cross != tt.cross {
			t.Errorf("%s: Aligned(%q, %q) = %v, %v", tt.why, tt.b, tt.a, same, cross)
		}
	}
}

func TestSender(t *testing.T) {
	s := Builtin()
	tests := []struct{ why, address, kind string }{
		{"security address at any marketplace", "account-update@amazon.it", "security"},
		{"capitals", "Account-Update@Amazon.CO.JP", "security"},
		{"local part of one marketplace only", "rueckgabe@amazon.co.jp", ""},
		{"any local part at the seller relay", "abc123@marketplace.amazon.fr", "seller"},
		{"AWS", "no-reply@signin.aws", "aws"},
		{"same local part, retail", "no-reply@amazon.de", "service"},
		{"not listed", "friend@amazon.com", ""},
		{"elsewhere", "account-update@example.com", ""},
		{"issuer", "statement@vpass.ne.jp", "statement"},
		{"no address", "amazon", ""},
	}
	for _, tt := range tests {
		if got, _, ok := s.Sender(tt.address); got.Kind != tt.kind || ok != (tt.kind != "") {
			t.Errorf("%s: Sender(%q) = %+v, %v", tt.why, tt.address, got, ok)
		}
	}
}

func TestInNetworks(t *testing.T) {
	s := Builtin()
	for ip, want := range map[string]bool{"54.240.25.2": true, "::ffff:23.251.242.10": true, "192.0.2.1": false, "2001:db8::1": false} {
		if got := s.InNetworks("amazon", netip.MustParseAddr(ip)); got != want {
			t.Errorf("InNetworks(%s) = %v", ip, got)
		}
	}
	if s.InNetworks("none", netip.MustParseAddr("54.240.25.2")) {
		t.Error("a brand without networks has one")
	}
}

const shopPack = `
[[brand]]
id = "shop"
name = "Shop"
kind = "issuer"
domain = [{ name = "shop.example", role = "retail", confidence = "M", source = "its site", date = "2026" }]
word = [{ text = "Shop Card", kind = "name", source = "brand" }]
`

func TestWith(t *testing.T) {
	s, err := Builtin().With(fstest.MapFS{"brands/shop.toml": {Data: []byte(shopPack)}})
	if err != nil {
		t.Fatal(err)
	}
	if b, _, ok := s.Lookup("www.shop.example"); !ok || b.ID != "shop" {
		t.Error("the user's brand is not found")
	}
	if got := s.ByID("shop").Texts("name"); len(got) != 1 || got[0] != "shop card" {
		t.Errorf("words are %q", got)
	}
	if s.Digest() == Builtin().Digest() || s.Digest() == "" {
		t.Error("the digest does not tell the sets apart")
	}
	more := strings.Replace(strings.Replace(shopPack, `"shop"`, `"amazon"`, 1), "shop.example", "amazon.example", 1)
	s, err = Builtin().With(fstest.MapFS{"brands/a.toml": {Data: []byte(more)}})
	if err != nil {
		t.Fatal(err)
	}
	if !s.Official("amazon.example") || !s.Official("amazon.co.jp") || Builtin().Official("amazon.example") {
		t.Error("adding to a brand must add to it in the new set only")
	}
}

func TestWithRefuses(t *testing.T) {
	tests := []struct{ why, old, new, want string }{
		{"unknown key", `name = "Shop"`, "nmae = \"Shop\"", "unknown key"},
		{"public suffix as a domain", "shop.example", "co.jp", "public suffix"},
		{"a domain of another brand", "shop.example", "amazon.de", "is one of brand"},
		{"unknown role", `role = "retail"`, `role = "official"`, "no such role"},
		{"no source", `source = "its site", `, "", "source is missing"},
		{"unknown confidence", `confidence = "M"`, `confidence = "sure"`, "confidence"},
		{"bad id", `id = "shop"`, `id = "My Shop"`, "id must be"},
		{"unknown kind", `kind = "issuer"`, `kind = "shop"`, "kind"},
		{"unknown kind of word", `kind = "name"`, `kind = "names"`, "word"},
		{"no TOML", `id = "shop"`, `id = `, "decoding"},
	}
	for _, tt := range tests {
		data := strings.Replace(shopPack, tt.old, tt.new, 1)
		_, err := Builtin().With(fstest.MapFS{"brands/shop.toml": {Data: []byte(data)}})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v", tt.why, err)
		}
	}
}

func TestOnlyWholeLabelsCount(t *testing.T) {
	s := Builtin()
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.StringMatching(`[a-z0-9]{1,12}`).Draw(t, "label")
		d := rapid.SampledFrom(s.All()[0].Domains).Filter(func(d Domain) bool { return d.Role == Retail }).Draw(t, "domain").Name
		if !s.Official(label + "." + d) {
			t.Fatalf("%s.%s is not official", label, d)
		}
		for _, host := range []string{d + "." + label, label + d, label + "-" + d} {
			if _, entry := s.domains[host]; s.Official(host) && !entry {
				t.Fatalf("%s is official", host)
			}
		}
	})
}

func FuzzLookup(f *testing.F) {
	for _, h := range []string{"www.amazon.co.jp", "amazon.co.jp.", ".", "..", "amazon.com.be"} {
		f.Add(h)
	}
	s := Builtin()
	f.Fuzz(func(t *testing.T, host string) {
		_, d, ok := s.Lookup(host)
		if ok && host != d.Name && !strings.HasSuffix(strings.TrimSuffix(host, "."), "."+d.Name) && strings.TrimSuffix(host, ".") != d.Name {
			t.Errorf("Lookup(%q) = %q", host, d.Name)
		}
		s.Sender(host)
	})
}

// TestSamples: what a pack says of itself is held against what it does.
func TestSamples(t *testing.T) {
	const pack = "[[brand]]\nid = \"naraberu\"\nname = \"Naraberu\"\nkind = \"issuer\"\n" +
		"domain = [{ name = \"naraberu.example\", role = \"retail\", confidence = \"H\", source = \"test\", date = \"2026\" }]\n" +
		"word = [{ text = \"naraberu\", kind = \"name\", source = \"test\" }]\n"
	for _, c := range []struct{ why, sample, fault string }{
		{"a host below its domain", `host = "www.naraberu.example", official = true`, ""},
		{"a host that only begins so", `host = "naraberu.example.org"`, ""},
		{"another brand's host is not its own", `host = "www.amazon.co.jp", official = true`, `host "www.amazon.co.jp": official is false`},
		{"a name in full-width letters", `name = "ＮＡＲＡＢＥＲＵ", poses = true`, ""},
		{"a name that is not its own", `name = "Nara", poses = true`, `name "Nara": poses is false`},
	} {
		got, err := Test(fstest.MapFS{"brands/x.toml": {Data: []byte(pack + "sample = [{ " + c.sample + " }]\n")}})
		if err != nil || len(got) != 1 || got[0].Fault != c.fault {
			t.Errorf("%s: %v, %v", c.why, got, err)
		}
	}
	if _, err := Test(fstest.MapFS{"brands/x.toml": {Data: []byte(pack + "sample = [{ official = true }]\n")}}); err == nil {
		t.Error("a sample without host and name was taken")
	}
}

// TestBuiltinSamples: every pack says of hosts and names what it is to say of them, and none makes a mailbox of its customers
// official.
func TestBuiltinSamples(t *testing.T) {
	all := Library()
	for _, b := range all.All() {
		if b.Wider && len(b.Samples) < 4 {
			t.Errorf("%s: %d samples, want hosts and names that are its own and that are not", b.ID, len(b.Samples))
		}
		for _, s := range b.Samples {
			if fault := all.fault(b, s); fault != "" {
				t.Errorf("%s: %s", b.ID, fault)
			}
		}
		for _, d := range b.Domains {
			if d.Role == Customer && all.Official(d.Name) {
				t.Errorf("%s: %s is a mailbox domain and official", b.ID, d.Name)
			}
		}
	}
}

// TestPick: what is audited, and what is not.
func TestPick(t *testing.T) {
	all := Library()
	for _, c := range []struct {
		why          string
		names        []string
		in, out      []string
		chosen, rest int
	}{
		{"Amazon alone: with the issuers of statements", []string{"amazon"}, []string{"amazon", "jcb"}, []string{"apple", "yamato"}, len(Builtin().All()), len(all.All()) - len(Builtin().All())},
		{"a list", []string{"apple", "yamato"}, []string{"apple", "yamato", "jcb"}, []string{"amazon", "google"}, -1, -1},
		{"all", []string{"all"}, []string{"amazon", "apple", "jcb"}, nil, len(all.All()), 0},
	} {
		chosen, rest, err := all.Pick(c.names)
		if err != nil {
			t.Fatalf("%s: %v", c.why, err)
		}
		for _, id := range c.in {
			if chosen.ByID(id) == nil || rest.ByID(id) != nil {
				t.Errorf("%s: %s is not chosen", c.why, id)
			}
		}
		for _, id := range c.out {
			if chosen.ByID(id) != nil || rest.ByID(id) == nil {
				t.Errorf("%s: %s is chosen", c.why, id)
			}
		}
		if c.chosen >= 0 && (len(chosen.All()) != c.chosen || len(rest.All()) != c.rest) {
			t.Errorf("%s: %d and %d brands, want %d and %d", c.why, len(chosen.All()), len(rest.All()), c.chosen, c.rest)
		}
	}
	var unknown *UnknownError
	if _, _, err := all.Pick([]string{"amzon"}); !errors.As(err, &unknown) || unknown.ID != "amzon" {
		t.Errorf("an unknown brand: %v", err)
	}
}

// TestUserPacks: a pack extends, replaces and disables a brand, and what it says is not dropped.
func TestUserPacks(t *testing.T) {
	with := func(pack string) (*Set, error) {
		return Library().With(fstest.MapFS{"brands/x.toml": {Data: []byte("[[brand]]\n" + pack)}})
	}
	s, err := with("id = \"jcb\"\ncadence = \"weekly\"\nbelow = [{ label = \"bounce\", role = \"bounce\", source = \"t\" }]\n[brand.fingerprint]\nmessage_id = \"x\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if b := s.ByID("jcb"); b.Cadence != "weekly" || b.Fingerprint.MessageID != "x" || b.Name != "JCB" || !b.Can(Statements) {
		t.Errorf("extended: %+v", b)
	}
	if _, d, ok := s.Lookup("bounce.jcb.co.jp"); !ok || d.Role != Bounce {
		t.Errorf("what stands below every domain of the brand is not there: %+v", d)
	}
	s, err = with("id = \"jcb\"\nname = \"Mine\"\nkind = \"issuer\"\nreplace = true\ndomain = [{ name = \"mine.example\", role = \"retail\", confidence = \"M\", source = \"t\" }]\n")
	if err != nil {
		t.Fatal(err)
	}
	if s.Official("jcb.co.jp") || !s.Official("mine.example") {
		t.Error("a pack that replaces a brand left the old domains")
	}
	if s, err = with("id = \"jcb\"\ndisable = true\n"); err != nil || s.ByID("jcb") != nil {
		t.Errorf("a disabled brand is there: %v", err)
	}
	if _, err = with("id = \"nobody\"\ndisable = true\n"); err == nil {
		t.Error("disabling a brand that is not there is no error")
	}
	s, err = with("id = \"mine\"\nname = \"Mine\"\nkind = \"service\"\nclaims = [\"amazon.jp\"]\ndomain = [{ name = \"amazon.jp\", role = \"retail\", confidence = \"M\", source = \"t\" }]\n")
	if err != nil {
		t.Fatal(err)
	}
	if b, _, _ := s.Lookup("www.amazon.jp"); b == nil || b.ID != "mine" {
		t.Error("a domain that a pack claims is not its own")
	}
}

// TestBuiltinDigest: the digest that go generate wrote is that of the brands beside it.
func TestBuiltinDigest(t *testing.T) {
	if got, want := Library().Digest(), DigestOf(builtin); got != want || got == "" {
		t.Errorf("%q, want %q: run go generate ./analyzer/brand", got, want)
	}
}
