package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// keyTimeout is how long one question to DNS may take, retries of the resolver included.
const keyTimeout = 10 * time.Second

// keyFlags are the flags of keys fetch.
type keyFlags struct {
	out    string
	server string
	yes    bool
}

func (p *program) keysCommand() *cobra.Command {
	keys := &cobra.Command{
		Use:   "keys",
		Short: p.ui.tr("fetch the keys that DKIM signatures are verified with", "DKIM署名の検証に使う鍵を取得する"),
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return p.unknownCommand(cmd, args[0])
			}
			return p.usage(cmd, p.ui.tr("COMMAND is missing", "コマンドが指定されていません"))
		},
	}
	var f keyFlags
	fetch := &cobra.Command{
		Use:   "fetch [flags] FINDINGS",
		Short: p.ui.tr("ask DNS for the keys of the signatures seen in a scan", "スキャンで見つかった署名の鍵をDNSに問い合わせる"),
		Long: p.ui.tr(
			`Ask DNS for the keys of the signatures that a scan saw, and write them to a file for
scan --dkim-keys. This is the only command that uses the network. It asks for
the names it prints first, and for nothing else: those of Amazon and of the
issuers it knows, never for names of strangers, who could see the question.

Keys that were taken out of DNS since are not found; what they signed stays
unverified, and nothing is held against it. FINDINGS is findings.jsonl or the
folder it lies in.`,
			`スキャンで見つかった署名の鍵をDNSに問い合わせ、scan --dkim-keys で使うファイルに書き込みます。
ネットワークを使うのは、このコマンドだけです。問い合わせる名前は先にすべて表示し、それ以外には
問い合わせません。対象はAmazonと既知の発行元の名前だけです。見知らぬ送信者の名前は、
問い合わせたことを相手に知られるおそれがあるため、対象にしません。

すでにDNSから消された鍵は見つかりません。その鍵による署名は検証されないままになりますが、
不利に扱うことはありません。FINDINGS には findings.jsonl か、そのあるフォルダーを指定します。`),
		Example: "  mailaudit keys fetch mailaudit-report\n  mailaudit scan --dkim-keys dkim-keys.txt ~/Mail",
		Args:    p.exactly(1, "FINDINGS"),
		RunE:    func(cmd *cobra.Command, args []string) error { return p.fetchKeys(cmd, args[0], f) },
	}
	fetch.Flags().StringVarP(&f.out, "output", "o", "dkim-keys.txt", p.ui.tr("write the keys to `FILE`; what it holds already is kept", "鍵を `FILE` に書き込む（すでにある鍵は残す）"))
	fetch.Flags().StringVar(&f.server, "server", "", p.ui.tr("ask the DNS server `HOST:PORT` (default: that of the system)", "DNSサーバー `HOST:PORT` に問い合わせる（省略時はシステムの設定）"))
	fetch.Flags().BoolVarP(&f.yes, "yes", "y", false, p.ui.tr("don't ask before using the network", "確認せずにネットワークを使う"))
	keys.AddCommand(fetch)
	return keys
}

// fetchKeys says what will be asked, asks, and writes what was answered.
func (p *program) fetchKeys(cmd *cobra.Command, path string, f keyFlags) error {
	names, err := p.keyNames(path)
	if err != nil {
		return err
	}
	have, err := readKeyFile(f.out)
	if err != nil {
		return fmt.Errorf("%s: %w", f.out, err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return have.names[name] })
	if len(names) == 0 {
		p.ui.say(p.ui.tr("there is no key to ask for: no signature of Amazon or an issuer was seen, or %s holds them all", "問い合わせる鍵はありません。Amazonや発行元の署名がないか、必要な鍵はすべて %s にあります"), f.out)
		return nil
	}
	p.ui.say(p.ui.tr("DNS will be asked for these names, and for nothing else:", "次の名前だけをDNSに問い合わせます:"))
	for _, n := range names {
		p.ui.say("  %s", n)
	}
	if ok, err := p.mayAsk(cmd, f.yes); err != nil || !ok {
		return err
	}
	found, missing := 0, 0
	for _, n := range names {
		texts, err := lookupKey(cmd.Context(), resolver(f.server), n)
		var dnsErr *net.DNSError
		switch {
		case errors.As(err, &dnsErr) && dnsErr.IsNotFound:
			missing++
			p.ui.say(p.ui.tr("%s: no key", "%s: 鍵がありません"), n)
		case err != nil:
			return &failure{
				exitInternal, fmt.Sprintf(p.ui.tr("asking for %s failed: %v", "%s の問い合わせに失敗しました: %v"), n, err),
				p.ui.tr("check the connection, or name a DNS server with --server; nothing was written", "接続を確かめるか、--server でDNSサーバーを指定してください。ファイルには何も書いていません"), err,
			}
		default:
			found++
			for _, t := range texts {
				have.lines = append(have.lines, n+"\t"+t)
			}
		}
	}
	if err := have.write(f.out); err != nil {
		return err
	}
	p.ui.result(p.ui.tr("keys written to %s: %d; not found: %d", "%s に書き込んだ鍵: %d 個、見つからなかった鍵: %d 個"), f.out, found, missing)
	return nil
}

// mayAsk asks the person at the terminal. Without one, --yes has to say so.
func (p *program) mayAsk(cmd *cobra.Command, yes bool) (bool, error) {
	if yes {
		return true, nil
	}
	if in, ok := p.stdin.(*os.File); !ok || !isTerminal(in) {
		return false, p.usage(cmd, p.ui.tr("there is nobody to ask whether the network may be used: add --yes", "ネットワークを使ってよいか確認できません。--yes を付けてください"))
	}
	p.ui.say(p.ui.tr("go on? [y/N]", "続けますか [y/N]"))
	answer, err := bufio.NewReader(io.LimitReader(p.stdin, 100)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("reading the answer: %w", err)
	}
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "y"), nil
}

// keyNames lists the names of the keys of known brands that messages of a stream claim to be signed with, in order.
func (p *program) keyNames(path string) ([]string, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "findings.jsonl")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, &failure{
			exitUsage, fmt.Sprintf(p.ui.tr("%s cannot be read", "%s を読めません"), path),
			p.ui.tr("name findings.jsonl of a scan, or its folder", "スキャンの findings.jsonl か、そのフォルダーを指定してください"), err,
		}
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	stream, err := finding.Open(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	brands, seen := brand.Library(), make(map[string]bool)
	err = stream.Messages(func(_ int, m *finding.Message) error {
		if m.Auth == nil {
			return nil
		}
		for _, s := range m.Auth.Signatures {
			if name, ok := keyName(brands, s); ok {
				seen[name] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	return names, nil
}

// keyName is the name of the TXT record of a signature (RFC 6376 §3.6.2.1), if it may be asked for: the domain is one
// that mail of a known brand is signed with, and selector and domain are plain host names. A selector is the sender's
// text: a strange one could carry a message to whoever runs the name server, but only the brand does.
func keyName(brands *brand.Set, s finding.Selector) (string, bool) {
	domain, selector := strings.ToLower(s.Domain), strings.ToLower(s.Selector)
	if _, d, ok := brands.Lookup(domain); !ok || d.Role == brand.Customer || d.Role == brand.Assets || d.Role == brand.Short {
		return "", false
	}
	name := selector + "._domainkey." + domain
	if len(name) > 253 {
		return "", false
	}
	for _, label := range strings.Split(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", false
		}
	}
	return name, true
}

// resolver asks one server, or those of the system where it is "".
func resolver(server string) *net.Resolver {
	if server == "" {
		return net.DefaultResolver
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, server)
	}}
}

// lookupKey asks for the TXT records of a name. The final dot keeps the system's search domains out of it.
func lookupKey(ctx context.Context, r *net.Resolver, name string) ([]string, error) {
	ctx, stop := context.WithTimeout(ctx, keyTimeout)
	defer stop()
	texts, err := r.LookupTXT(ctx, name+".")
	if err != nil {
		return nil, err
	}
	kept := texts[:0]
	for _, t := range texts {
		if strings.Contains(t, "p=") && !strings.ContainsFunc(t, func(c rune) bool { return c < ' ' || c > '~' }) {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return nil, &net.DNSError{Err: "no key record", Name: name, IsNotFound: true}
	}
	return kept, nil
}

// keyFile is a file of keys, line by line.
type keyFile struct {
	lines []string
	names map[string]bool // that it holds a key for
}

// readKeyFile reads a file of keys; one that does not exist is empty.
func readKeyFile(path string) (*keyFile, error) {
	k := &keyFile{names: make(map[string]bool)}
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return k, nil
	} else if err != nil {
		return nil, err
	}
	for _, l := range strings.Split(strings.TrimRight(string(b), "\n"), "\n") {
		k.lines = append(k.lines, l)
		if fields := strings.Fields(l); len(fields) > 0 && !strings.HasPrefix(l, "#") && !strings.HasPrefix(l, ";") {
			k.names[strings.ToLower(strings.TrimSuffix(fields[0], "."))] = true
		}
	}
	return k, nil
}

// errNoFile is returned for a name under which something other than a file lies.
var errNoFile = errors.New("not a regular file")

// write writes the file whole, under a temporary name first.
func (k *keyFile) write(path string) error {
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return fmt.Errorf("writing %s: %w", path, errNoFile) // a new file would take its place
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".mailaudit-keys-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(tmp.Name()) // fails once it has been renamed
	_, err = tmp.WriteString(strings.Join(k.lines, "\n") + "\n")
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
