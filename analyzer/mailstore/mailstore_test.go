package mailstore

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// computer is a made-up home. Names end in "/" for a folder, and hold what stands behind "=".
func computer(t *testing.T, system string, files ...string) Computer {
	t.Helper()
	home := t.TempDir()
	for _, f := range files {
		name, text, _ := strings.Cut(f, "=")
		path := filepath.Join(home, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(path, 0o700))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(strings.ReplaceAll(text, "⌂", filepath.ToSlash(home))), 0o600))
	}
	return Computer{OS: system, Home: home, User: "me", Getenv: func(string) string { return "" }}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, c Computer) Found {
	t.Helper()
	places, err := Load()
	must(t, err)
	l := Default()
	l.Time = 30 * time.Second
	return Find(context.Background(), c, places, l)
}

// told writes stores as "program | name | accounts | paths below home | files | state".
func told(c Computer, f Found) (list []string) {
	for _, st := range f.Stores {
		var accounts, paths []string
		for _, a := range st.Accounts {
			text := a.Address + " " + a.Type
			if a.Remote {
				text += " remote"
			}
			accounts = append(accounts, text)
		}
		for _, p := range st.Paths {
			rel, err := filepath.Rel(c.Home, p)
			if err != nil {
				rel = p
			}
			paths = append(paths, filepath.ToSlash(rel))
		}
		list = append(list, fmt.Sprintf("%s | %s | %s | %s | %d %d | %s%s", st.Program, st.Name, strings.Join(accounts, ", "), strings.Join(paths, " "), st.Files, st.Size, st.State, st.Advice))
	}
	return list
}

const prefsOfTwo = `// Mozilla User Preferences
user_pref("mail.accountmanager.accounts", "account1,account2,account3,account4");
user_pref("mail.account.account1.server", "server1");
user_pref("mail.account.account1.identities", "id1,id2");
user_pref("mail.identity.id1.useremail", "hanako@example.jp");
user_pref("mail.server.server1.type", "imap");
user_pref("mail.server.server1.hostname", "imap.example.jp");
user_pref("mail.server.server1.directory-rel", "[ProfD]ImapMail/imap.example.jp");
user_pref("mail.account.account2.server", "server2");
user_pref("mail.server.server2.type", "none");
user_pref("mail.server.server2.name", "ローカルフォルダー");
user_pref("mail.server.server2.directory-rel", "[ProfD]Mail/Local Folders");
user_pref("mail.account.account3.server", "server3");
user_pref("mail.server.server3.type", "nntp");
user_pref("mail.account.account4.server", "server4");
user_pref("mail.server.server4.type", "pop3");
user_pref("mail.server.server4.userName", "moved");
user_pref("mail.server.server4.directory", "⌂/disk/pop");
user_pref("browser.startup.homepage", "https://example.com/");
`

func TestPrograms(t *testing.T) {
	for _, c := range []struct {
		why, system string
		files       []string
		want        []string
	}{
		{
			"a profile with an IMAP account whose mail stayed on the server, local folders, news, and one on another disk", "linux",
			[]string{
				".thunderbird/profiles.ini=[Profile1]\nName=old\nIsRelative=1\nPath=gone.old\n\n[Profile0]\nName=default-release\nIsRelative=1\nPath=abc.default-release\nDefault=1\n",
				".thunderbird/abc.default-release/prefs.js=" + prefsOfTwo,
				".thunderbird/abc.default-release/ImapMail/imap.example.jp/INBOX.msf=" + strings.Repeat("x", 50_000),
				".thunderbird/abc.default-release/Mail/Local Folders/Inbox=From x",
				".thunderbird/abc.default-release/global-messages-db.sqlite=" + strings.Repeat("x", 1000),
				"disk/pop/Inbox=From yy",
			},
			[]string{"Thunderbird | default-release | hanako@example.jp imap remote, ローカルフォルダー local, moved pop3 | .thunderbird/abc.default-release disk/pop | 2 13 | readable"},
		},
		{
			"Snap and Flatpak", "linux",
			[]string{
				"snap/thunderbird/common/.thunderbird/profiles.ini=[Profile0]\nPath=⌂/elsewhere\nIsRelative=0\n", "elsewhere/prefs.js=", "elsewhere/Mail/x/Inbox=From x",
				".var/app/org.mozilla.Thunderbird/.thunderbird/profiles.ini=[Profile0]\r\nPath=p\r\nIsRelative=1\r\n", ".var/app/org.mozilla.Thunderbird/.thunderbird/p/prefs.js=", ".var/app/org.mozilla.Thunderbird/.thunderbird/p/Mail/x/Inbox=From x",
			},
			[]string{"Thunderbird (Flatpak) |  |  | .var/app/org.mozilla.Thunderbird/.thunderbird/p | 1 6 | readable", "Thunderbird (Snap) |  |  | elsewhere | 1 6 | readable"},
		},
		{
			"Windows: Thunderbird in %APPDATA%, Outlook's files", "windows",
			[]string{
				"AppData/Roaming/Thunderbird/profiles.ini=[Profile0]\nIsRelative=1\nPath=Profiles/x.default\n", "AppData/Roaming/Thunderbird/Profiles/x.default/prefs.js=", "AppData/Roaming/Thunderbird/Profiles/x.default/Mail/pop/Inbox=From x",
				"AppData/Local/Microsoft/Outlook/me@example.com.ost=!BDN", "Documents/Outlook ファイル/Outlook.PST=!BDN",
			},
			[]string{
				"Thunderbird |  |  | AppData/Roaming/Thunderbird/Profiles/x.default | 1 6 | readable",
				"Outlook | Outlook.PST |  | Documents/Outlook ファイル/Outlook.PST | 1 4 | readable",
				"Outlook | me@example.com.ost |  | AppData/Local/Microsoft/Outlook/me@example.com.ost | 1 4 | readable",
			},
		},
		{
			"Apple Mail before and after accounts had names", "darwin",
			[]string{"Library/Mail/V2/IMAP-me@imap.example.com/INBOX.mbox/Messages/1.emlx=12\n", "Library/Mail/V10/B3C5/INBOX.mbox/x/Data/Messages/2.emlx=12\n"},
			[]string{"Apple Mail |  | me@imap.example.com imap | Library/Mail | 2 6 | readable"},
		},
		{
			"Evolution: an account's cache, and On This Computer; its trash index is no store", "linux",
			[]string{
				".config/evolution/sources/1234.source=[Data Source]\nDisplayName=Work\n[Authentication]\nUser=me@example.org\n", ".cache/evolution/mail/1234/folders/INBOX/cur/a/1=From: x",
				".local/share/evolution/mail/local/cur/1:2,S=From: x", ".local/share/evolution/mail/trash/x=1",
			},
			[]string{"Evolution | Work | me@example.org  | .cache/evolution/mail/1234 | 1 7 | readable", "Evolution |  |  | .local/share/evolution/mail/local | 1 7 | readable"},
		},
		{
			"Claws Mail says itself that ~/Mail is its own", "linux",
			[]string{
				".claws-mail/folderlist.xml=<?xml version=\"1.0\"?><folderlist><folder type=\"mh\" name=\"Mailbox\" path=\"Mail\"></folder><folder type=\"imap\" name=\"x\"/></folderlist>",
				".claws-mail/accountrc=[Account: 1]\naddress=me@example.org\n", "Mail/inbox/1=From: x",
			},
			[]string{"Claws Mail |  | me@example.org  | Mail | 1 7 | readable"},
		},
		{
			"KMail, a Maildir nobody claims, and an empty one", "linux",
			[]string{".local/share/local-mail/inbox/cur/1=From: x", "Maildir/cur/1:2,=From: x", "Mail/cur/"},
			[]string{"KMail |  |  | .local/share/local-mail | 1 7 | readable", " |  |  | Maildir | 1 7 | readable"},
		},
		{
			"mail that only its own program reads", "linux",
			[]string{".local/share/geary/account_01/geary.db=x", ".local/share/geary/account_01/attachments/1=xx"},
			[]string{"Geary |  |  | .local/share/geary/account_01 | 1 2 | other_programimap"},
		},
		{
			"the folder of downloads has a Japanese name", "linux",
			[]string{".config/user-dirs.dirs=# made by xdg-user-dirs\nXDG_DOWNLOAD_DIR=\"$HOME/ダウンロード\"\nXDG_DESKTOP_DIR=\"$HOME\"\n", "ダウンロード/mail.mbox=From x", "Downloads/other.mbox=From x", "home.mbox=From x"},
			[]string{" | mail.mbox |  | ダウンロード/mail.mbox | 1 6 | readable"},
		},
	} {
		pc := computer(t, c.system, c.files...)
		if got := told(pc, find(t, pc)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", c.why, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestExports(t *testing.T) {
	pc := computer(t, "linux",
		"Downloads/photo.jpg=x", "Downloads/report.zip=PK", "Downloads/a.eml=From: a", "Downloads/B.EML=From: b", "Downloads/old.olm=PK",
		"Downloads/Inbox.mbox/mbox=From x", "Desktop/saved mails/1.eml=From: a", "Desktop/saved mails/2.eml=From: a", "Desktop/saved mails/list.txt=x",
		"Downloads/takeout-20260301T000000Z-001/Takeout/メール/すべてのメール.mbox=From x", "Downloads/takeout-20260301T000000Z-001/Takeout/Drive/notes.txt=x",
		"Downloads/.hidden.mbox=From x", "Downloads/Backup/cur/1=From: x", "Downloads/Backup/new/", "Downloads/mail.zip=no archive")
	archive(t, filepath.Join(pc.Home, "Downloads/takeout-20260301T000000Z-002.zip"), "Takeout/Mail/All mail.mbox")
	archive(t, filepath.Join(pc.Home, "Downloads/takeout-20260301T000000Z-003.zip"), "Takeout/Photos/1.jpg")
	archive(t, filepath.Join(pc.Home, "Downloads/takeout-20260301T000000Z-004.zip"), "Takeout/Mail/All mail-002.mbox")
	archive(t, filepath.Join(pc.Home, "Downloads/mailing list logo.zip"), "logo.png")
	must(t, os.WriteFile(filepath.Join(pc.Home, "Downloads/takeout-damaged-001.zip"), []byte("PK\x03\x04"), 0o600))
	want := []string{
		" | saved mails |  | Desktop/saved mails/1.eml Desktop/saved mails/2.eml | 2 14 | readable",
		" | Downloads |  | Downloads/B.EML Downloads/a.eml | 2 14 | readable",
		" | Backup |  | Downloads/Backup | 1 7 | readable",
		"Apple Mail | Inbox.mbox |  | Downloads/Inbox.mbox | 1 6 | readable",
		"Outlook for Mac | old.olm |  | Downloads/old.olm | 1 2 | other_programolm",
		"Google Takeout | Takeout |  | Downloads/takeout-20260301T000000Z-001/Takeout/メール | 1 6 | readable",
		"Google Takeout | Downloads |  | Downloads/takeout-20260301T000000Z-002.zip Downloads/takeout-20260301T000000Z-004.zip Downloads/takeout-damaged-001.zip | 3 N | readable",
	}
	got := told(pc, find(t, pc))
	if len(got) > 0 {
		last := &got[len(got)-1]
		if i := strings.LastIndex(*last, "| 3 "); i > 0 { // archives differ in size from Go to Go
			*last = (*last)[:i] + "| 3 N | readable"
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func archive(t *testing.T, name, member string) {
	t.Helper()
	f, err := os.Create(name)
	must(t, err)
	w := zip.NewWriter(f)
	_, err = w.Create(member)
	must(t, err)
	must(t, w.Close())
	must(t, f.Close())
}

// A hundred thousand downloads are gone through by name, and none of them is opened.
func TestManyDownloads(t *testing.T) {
	pc := computer(t, "linux", "Downloads/mail.mbox=From x")
	d := &listed{Disk: disk{}, dir: filepath.Join(pc.Home, "Downloads"), n: 100_000}
	pc.Disk = d
	f := find(t, pc)
	if got := told(pc, f); len(got) != 1 || d.opened != 1 {
		t.Errorf("%d files opened, found %q", d.opened, got)
	}
}

// listed is a disk on which a folder holds many more names.
type listed struct {
	Disk
	dir    string
	n      int
	opened int
}

func (l *listed) ReadDir(name string, each func(fs.DirEntry) bool) error {
	if name == l.dir {
		for i := range l.n {
			if !each(entry(fmt.Sprintf("IMG_%d.jpg", i))) {
				return nil
			}
		}
	}
	return l.Disk.ReadDir(name, each)
}

func (l *listed) Open(name string) (*os.File, error) { l.opened++; return l.Disk.Open(name) }

type entry string

func (e entry) Name() string      { return string(e) }
func (e entry) IsDir() bool       { return false }
func (e entry) Type() fs.FileMode { return 0 }
func (e entry) Info() (fs.FileInfo, error) {
	return nil, errors.New("asked for a file that no list needs")
}

// A profile on a share that hangs is named as slow with what profiles.ini says of it, and the rest is listed in time.
func TestHangingShare(t *testing.T) {
	pc := computer(t, "linux",
		".thunderbird/profiles.ini=[Profile0]\nName=home\nIsRelative=1\nPath=p\n[Profile1]\nName=share\nPath=/net/hangs/profile\n",
		".thunderbird/p/prefs.js=", ".thunderbird/p/Mail/x/Inbox=From x", "Maildir/cur/1=From: x")
	release := make(chan struct{})
	defer close(release)
	pc.Disk = hanging{disk{}, []string{"/net/hangs", filepath.Join(pc.Home, "Downloads")}, release}
	places, err := Load()
	must(t, err)
	start := time.Now()
	f := Find(context.Background(), pc, places, Limits{Time: time.Second, Entries: 1000})
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %s", took)
	}
	got := told(pc, f)
	if len(got) != 3 || !strings.Contains(strings.Join(got, "\n"), "Thunderbird | share |  | ") || !strings.HasSuffix(got[0]+got[1], "slow") && !strings.Contains(got[0]+got[1], "slow") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if len(f.Slow) != 1 || filepath.Base(f.Slow[0]) != "Downloads" {
		t.Errorf("slow: %q", f.Slow)
	}
}

// hanging is a disk of which parts never answer.
type hanging struct {
	Disk
	parts   []string
	release chan struct{}
}

func (h hanging) wait(name string) {
	for _, p := range h.parts {
		if strings.HasPrefix(filepath.ToSlash(name), filepath.ToSlash(p)) {
			<-h.release
		}
	}
}

func (h hanging) ReadDir(name string, each func(fs.DirEntry) bool) error {
	h.wait(name)
	return h.Disk.ReadDir(name, each)
}
func (h hanging) Stat(name string) (fs.FileInfo, error) { h.wait(name); return h.Disk.Stat(name) }
func (h hanging) Open(name string) (*os.File, error)    { h.wait(name); return h.Disk.Open(name) }

// refusing is a disk that says no, as macOS does to a program without Full Disk Access: EPERM when a folder is listed.
type refusing struct {
	Disk
	part string
}

func (r refusing) ReadDir(name string, each func(fs.DirEntry) bool) error {
	if strings.HasPrefix(name, r.part) {
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return r.Disk.ReadDir(name, each)
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		why, system, file, part string
		want                    State
	}{
		{"macOS without Full Disk Access", "darwin", "Library/Mail/V10/x=1", "Library/Mail", FullDisk},
		{"macOS keeps Downloads closed as well", "darwin", "Downloads/x=1", "Downloads", FullDisk},
		{"another person's Maildir", "linux", "Maildir/cur/1=From: x", "Maildir", Denied},
	} {
		pc := computer(t, c.system, c.file)
		pc.Disk = refusing{disk{}, filepath.Join(pc.Home, filepath.FromSlash(c.part))}
		f := find(t, pc)
		if len(f.Stores) != 1 || f.Stores[0].State != c.want {
			t.Errorf("%s: %+v", c.why, f)
		}
	}
}

// A store with more files than are counted says so.
func TestAtLeast(t *testing.T) {
	pc := computer(t, "linux", "Maildir/cur/1=x", "Maildir/cur/2=x", "Maildir/cur/3=x", "Maildir/cur/4=x", "Maildir/cur/5=x")
	places, err := Load()
	must(t, err)
	f := Find(context.Background(), pc, places, Limits{Time: 30 * time.Second, Entries: 4})
	if len(f.Stores) != 1 || !f.Stores[0].AtLeast || f.Stores[0].Files == 0 || f.Stores[0].Files >= 5 {
		t.Errorf("%+v", f.Stores)
	}
}

// A folder that leads into itself, and one of another program by a link, are counted once.
func TestLinks(t *testing.T) {
	pc := computer(t, "linux", ".local/share/local-mail/inbox/cur/1=From: x")
	if err := os.Symlink(filepath.Join(pc.Home, ".local/share/local-mail"), filepath.Join(pc.Home, "Mail")); err != nil {
		t.Skipf("no links here: %v", err)
	}
	must(t, os.Symlink(pc.Home, filepath.Join(pc.Home, ".local/share/local-mail/again")))
	if got := told(pc, find(t, pc)); len(got) != 1 || !strings.HasPrefix(got[0], "KMail") || !strings.Contains(got[0], "| 1 7 |") {
		t.Errorf("got %q", got)
	}
}

// Every place says where it is known from, for which system, and how sure that is.
func TestPlaces(t *testing.T) {
	places, err := Load()
	must(t, err)
	confident := func(what, source, confidence string) {
		if source == "" || !slices.Contains([]string{"H", "M", "K"}, confidence) {
			t.Errorf("%s: source %q, confidence %q", what, source, confidence)
		}
	}
	names := (&search{Computer: Computer{OS: "windows", Home: "/h", User: "me", Getenv: func(n string) string { return "/" + n }, Disk: disk{}}}).folders()
	for _, p := range places.Place {
		confident(p.Program+p.Kind, p.Source, p.Confidence)
		for _, system := range p.OS {
			if !slices.Contains([]string{"linux", "darwin", "windows"}, system) {
				t.Errorf("%s: no system %q", p.Program, system)
			}
		}
		for _, path := range p.Paths {
			if got, ok := names.expand(path); !ok || strings.ContainsAny(got, "{}") {
				t.Errorf("%s: %q becomes %q", p.Program, path, got)
			}
		}
	}
	for _, x := range places.Export {
		confident(strings.Join(x.Names, " "), x.Source, x.Confidence)
	}
}

// What programs note in their files can be damaged, or hostile.
func FuzzConfigs(f *testing.F) {
	f.Add(prefsOfTwo)
	f.Add("[Profile0]\nPath=x\nIsRelative=1\n")
	f.Add("<folderlist><folder type=\"mh\" path=\"Mail\"/></folderlist>")
	f.Add("XDG_DOWNLOAD_DIR=\"$HOME/x\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		if n := len(servers(prefs(text))); n > maxAccounts {
			t.Errorf("%d accounts", n)
		}
		for _, p := range profiles(text) {
			if p.path == "" {
				t.Error("a profile without a path")
			}
		}
		if n := len(mailboxes(text)); n > maxAccounts {
			t.Errorf("%d mailboxes", n)
		}
		for _, dir := range userDirs(text, "/home/me") {
			if !filepath.IsAbs(dir) || dir == "/home/me" {
				t.Errorf("a folder %q", dir)
			}
		}
	})
}
