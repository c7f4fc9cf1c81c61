package detect

import (
	"net/url"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

const (
	posingFrom = `"Amazon.co.jp" <info@shop.example.top>`
	lure       = "【Amazon】お支払い方法を更新してください"
)

func a(href, text string) string { return `<p><a href="` + href + `">` + text + `</a></p>` }

func TestLinkSignals(t *testing.T) {
	check(t, []sample{
		{"off the official hosts", page(posingFrom, lure, a("https://areue.example.cn/x", "更新する")), []string{"link.unofficial_host:strong"}, []string{"link.look_alike"}},
		{"relative link below a foreign base", page(posingFrom, lure, `<base href="https://evil.example.cn/a/">`+a("login.php", "更新する")), []string{"link.unofficial_host"}, nil},
		{"official host", page(posingFrom, lure, a("https://www.amazon.co.jp/ap/signin", "更新する")), nil, []string{"link.unofficial_host", "link.look_alike", "link.text_mismatch"}},
		{"brand as labels that are not the end", page(posingFrom, lure, a("https://amazon.co.jp.example.cn/", "更新する")), []string{"link.look_alike:strong", "link.unofficial_host"}, nil},
		{"suffix as labels that are not the end", page(posingFrom, lure, a("https://www.co.jp.vguw.example/", "更新する")), []string{"link.look_alike"}, nil},
		{"a slip", page(posingFrom, lure, a("https://amzaon.co.example/", "更新する")), []string{"link.look_alike"}, nil},
		{"text shows the brand", page(posingFrom, lure, a("https://areue.example.cn/", "https://www.Amazon.co.jp/legal")), []string{"link.text_mismatch:strong"}, nil},
		{"text and target agree below one domain", page(posingFrom, lure, a("https://click.shop.example.top/", "https://www.shop.example.top/")), nil, []string{"link.text_mismatch"}},
		{"user name hides the host", page(posingFrom, lure, a("http://yahoo.co.jp@amazou-nsin.example/", "更新する")), []string{"link.userinfo:strong"}, nil},
		{"division slash", page(posingFrom, lure, a("https://amazon.co.jp\u2215signin@example.cn/", "更新する")), []string{"link.slash", "link.userinfo"}, nil},
		{"bare address", page(posingFrom, lure, a("http://192.0.2.7/ap/signin", "更新する")), []string{"link.ip", "link.unofficial_host"}, nil},
		{"address as one number", page(posingFrom, lure, a("http://3221225991/ap/signin", "更新する")), []string{"link.ip"}, nil},
		{"international name", page(posingFrom, lure, a("http://ämäzön.example/", "更新する")), []string{"link.look_alike"}, nil},
		{"zero-width space in the host", page(posingFrom, lure, a("https://ama\u200bzon-login.example/", "更新する")), []string{"link.idn:strong"}, nil},
		{"port", page(posingFrom, lure, a("http://x.example.cn:8080/", "更新する")), []string{"link.port"}, nil},
		{"reader's address", page(posingFrom, lure, a("https://x.example.cn/?key=hanako@example.net", "更新する")), []string{"link.recipient_in_query"}, nil},
		{"reader's address encoded", page(posingFrom, lure, a("https://x.example.cn/?key=hanako%40example.net", "更新する")), []string{"link.recipient_in_query"}, nil},
		{"free hosting", page(posingFrom, lure, a("https://amz.someone.workers.dev/", "更新する")), []string{"link.cloud_tenant", "link.unofficial_host"}, nil},
		{"storage on the brand's own machines", page(posingFrom, lure, a("https://amazon-check.s3.ap-northeast-1.amazonaws.com/i.html", "更新する")), []string{"link.cloud_tenant", "link.unofficial_host"}, nil},
		{"shortener", page(posingFrom, lure, a("https://bit.ly/3abc", "更新する")), []string{"link.shortener", "link.unofficial_host"}, nil},
		{"the brand's own shortener proves nothing", page(posingFrom, lure, a("https://amzn.to/3abc", "更新する")), []string{"link.shortener"}, nil},
		{"open redirector", page(posingFrom, lure, a("https://www.google.com/url?q=https%3A%2F%2Fevil.example.cn%2Fx", "更新する")), []string{"link.redirector", "link.unofficial_host"}, nil},
		{"the brand's redirector to a foreign host", page(posingFrom, lure, a("https://www.amazon.co.jp/gp/r.html?C=1&U=https%3A%2F%2Fevil.example.cn%2F", "更新する")), []string{"link.unofficial_host"}, nil},
		{"the brand's redirector to itself", page(posingFrom, lure, a("https://www.amazon.co.jp/gp/r.html?C=1&U=https%3A%2F%2Fwww.amazon.co.jp%2Fdp%2F1", "更新する")), nil, []string{"link.unofficial_host"}},
		{"a gateway's wrapping is unwrapped", page(posingFrom, lure, a("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.amazon.co.jp%2Fap%2Fsignin&data=x", "https://www.amazon.co.jp/ap/signin")), nil, []string{"link.unofficial_host", "link.text_mismatch", "link.redirector"}},
		{"click tracker", page(posingFrom, lure, a("https://u123.ct.sendgrid.net/ls/click?upn=x", "更新する")), []string{"link.tracker"}, nil},
		{"redirectors behind redirectors", page(posingFrom, lure, a(nested(4, "https://evil.example.cn/x"), "更新する")), []string{"link.nested"}, nil},
		{"one redirector", page(posingFrom, lure, a(nested(1, "https://evil.example.cn/x"), "更新する")), nil, []string{"link.nested"}},
		{"social network in the footer", page(`"Amazon.co.jp" <store-news@amazon.co.jp>`, lure, a("https://www.facebook.com/AmazonJP", "Facebook")+a("https://www.amazon.co.jp/", "Amazon")), nil, []string{"link.unofficial_host"}},
		{"carrier in an order notice", page(`"Amazon.de" <versandbestaetigung@amazon.de>`, "Versandt: Buch", a("https://www.dhl.de/track/1", "Sendung verfolgen")+a("https://www.amazon.de/orders", "Konto")), nil, []string{"link.unofficial_host:strong"}},
		{"a newsletter that names the brand", page("Tech News <news@technews.example>", "Amazon opens a store", a("https://www.technews.example/read", "Read more")+a("https://www.technews.example/unsub", "Unsubscribe")), nil, []string{"link.unofficial_host", "link.text_mismatch"}},
		{"official sender, no link to the brand", page(`"Spin" <amazonnews@about.amazon.com>`, "Clean", "Click here to see."+a("http://fit.example.pro/x", "Discover")), []string{"link.unofficial_host:medium"}, nil},
	})
}

// nested wraps a link into so many open redirectors.
func nested(n int, target string) string {
	for range n {
		target = "https://www.youtube.com/redirect?q=" + url.QueryEscape(target)
	}
	return target
}

func TestUnwrap(t *testing.T) {
	s := newScene(Input{Message: &message.Message{}, Brands: brand.Builtin(), Limits: limit.Default()})
	tests := []struct {
		why, in, host string
		chain         int
	}{
		{"nothing to unwrap", "https://www.example.com/a?b=c", "www.example.com", 0},
		{"Proofpoint v2", "https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.example_x&d=1", "evil.example", 1},
		{"Proofpoint v3", "https://urldefense.com/v3/__https://evil.example/x__;!!a", "evil.example", 1},
		{"Safe Links", "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2F&data=1", "evil.example", 1},
		{"nested wrappings", "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fevil.example%252F", "evil.example", 2},
		{"AMP", "https://www.google.co.uk/amp/s/evil.example/x", "evil.example", 1},
		{"machine translation", "https://www-evil-example.translate.goog/x", "www.evil.example", 1},
		{"machine translation, hyphen in the name", "https://my--shop-example.translate.goog/", "my-shop.example", 1},
		{"Bing", "https://www.bing.com/ck/a?!&&u=a1aHR0cHM6Ly9ldmlsLmV4YW1wbGUv", "evil.example", 1},
		{"Facebook", "https://l.facebook.com/l.php?u=https%3A%2F%2Fevil.example%2F", "evil.example", 1},
		{"other pages of a redirector's site", "https://www.google.com/maps?q=https://evil.example/", "www.google.com", 0},
		{"the brand's redirector", "https://www.amazon.co.jp/gp/r.html?U=https%3A%2F%2Fevil.example%2F", "evil.example", 1},
		{"the brand's other pages", "https://www.amazon.co.jp/s?url=https%3A%2F%2Fevil.example%2F", "www.amazon.co.jp", 0},
		{"backslashes", `https:\\evil.example\x`, "evil.example", 0},
		{"line breaks inside", "https://ev\nil.example/", "evil.example", 0},
		{"encoded host", "https://evil%2Eexample/", "evil.example", 0},
		{"no scheme", "www.evil.example/x", "www.evil.example", 0},
		{"IPv6", "http://[2001:db8::1]:8080/x", "[2001:db8::1]", 0},
	}
	for _, tt := range tests {
		u, ok := s.unwrap(tt.in)
		if !ok || u.host != tt.host || len(u.chain) != tt.chain {
			t.Errorf("%s: unwrap(%q) = %q, chain %q, %v", tt.why, tt.in, u.host, u.chain, ok)
		}
	}
	for _, in := range []string{"mailto:a@example.com", "cid:1", "#top", "javascript:alert(1)", "", "tel:0120", "https://"} {
		if u, ok := s.unwrap(in); ok {
			t.Errorf("unwrap(%q) = %q", in, u.host)
		}
	}
}

func TestHostInText(t *testing.T) {
	tests := []struct{ why, in, want string }{
		{"address", "https://www.amazon.co.jp/legal", "www.amazon.co.jp"},
		{"host alone", "amazon.co.jp", "amazon.co.jp"},
		{"sentence", "go to amazon.co.jp now", ""},
		{"number", "3.5", ""},
		{"mail address", "info@example.com", ""},
		{"word", "login", ""},
	}
	for _, tt := range tests {
		if got := hostInText(tt.in); got != tt.want {
			t.Errorf("%s: hostInText(%q) = %q", tt.why, tt.in, got)
		}
	}
}

func FuzzUnwrap(f *testing.F) {
	for _, s := range []string{"https://urldefense.com/v3/__https://a.example/__;", "http://a@b@c:1/\\x?u=http://x", "https://x.translate.goog/", "http://[::1", "https://www.bing.com/ck/a?u=a1", "//%zz"} {
		f.Add(s)
	}
	s := newScene(Input{Message: &message.Message{}, Brands: brand.Builtin(), Limits: limit.Default()})
	f.Fuzz(func(t *testing.T, raw string) {
		u, ok := s.unwrap(raw)
		if !ok {
			return
		}
		if u.host == "" || len(u.chain) > maxChain || len(u.chain) != len(u.kinds) {
			t.Errorf("unwrap(%q) = %+v", raw, u)
		}
		if again, ok := s.unwrap(raw); !ok || again.host != u.host {
			t.Errorf("unwrap(%q) differs", raw)
		}
	})
}
