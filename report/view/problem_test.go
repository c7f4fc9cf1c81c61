package view

import (
	"testing"
	"time"
)

func TestReasons(t *testing.T) {
	if _, err := knownReasons(); err != nil {
		t.Fatal(err)
	}
	ja, en := NewPrinter(catalogue(t), JA, time.UTC), NewPrinter(catalogue(t), EN, time.UTC)
	for _, tt := range []struct{ is, ja, en string }{
		{"the archive ends too early", "アーカイブが途中で切れています", "the archive ends too early"},
		{"open: permission denied", "開けません：読み取りの許可がありません", "open: permission denied"},
		{"depth: parts nest deeper than limit depth", "入れ子：パートの入れ子が上限（depth）より深くなっています", "depth: parts nest deeper than limit depth"},
		{"the header is longer than the limit header; its first 1048576 bytes are read", "ヘッダーが上限（header）より長いため、先頭の1048576バイトだけを読みました", ""},
		{"the archive has no directory, as when a download broke off; it is read from its start as far as it goes: the archive ends too early", "アーカイブの目録がありません（ダウンロードの中断など）。先頭から読めるところまで読みました：アーカイブが途中で切れています", ""},
		{"something of a later version: 7", "something of a later version：7", "something of a later version: 7"},
		{"open a\x1b[31mb: EOF", "開けません（a‹U+001B›[31mb）：途中で終わっています", ""},
		{"", "", ""},
	} {
		if got := ja.Reason(tt.is); got != tt.ja {
			t.Errorf("%q in Japanese is %q, want %q", tt.is, got, tt.ja)
		}
		if tt.en != "" && en.Reason(tt.is) != tt.en {
			t.Errorf("%q in English is %q, want %q", tt.is, en.Reason(tt.is), tt.en)
		}
	}
}
