package main

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/report/view"
)

// Bounds of what --show prints: nobody reads more on a terminal, and what mail encodes in base64 is no text.
const (
	maxShownLines = 2000
	maxShownLine  = 2000 // characters
)

// exportShow prints the source of one message, made harmless line by line.
func (p *program) exportShow(cmd *cobra.Command, r *reported, id string) error {
	list, err := r.wanted(func(m *finding.Message) bool { return m.ID == id })
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return &failure{exitUsage, fmt.Sprintf(p.ui.tr("there is no message %s in this report", "このレポートに %s というメールはありません"), id), p.ui.tr("the reports show the id of each message", "各メールのIDはレポートに表示されます"), nil}
	}
	found := false
	err = r.messages(p, cmd, list, func(m *exported, e *mailbox.Extent) error {
		if !found {
			p.printSource(m, e.Data)
		}
		found = true
		return nil
	})
	if err != nil || found {
		return err
	}
	for _, m := range list {
		reason := m.Missing
		if reason == "" {
			reason = "no longer at its place"
		}
		p.ui.say(p.ui.tr("%s cannot be shown: %s", "%s を表示できません: %s"), id, p.missing(reason))
	}
	p.code = exitLost
	return nil
}

// printSource prints where a message stands, and its lines.
func (p *program) printSource(m *exported, data []byte) {
	p.ui.result("%s  %s @ %d", m.ID, view.PathText(m.Location), m.Location.Offset)
	p.ui.result("SHA-256 %s", m.SHA256)
	p.ui.result("")
	n := 0
	for line := range bytes.Lines(data) {
		if n++; n > maxShownLines {
			p.ui.result(p.ui.tr("… cut after %d lines; --impersonations writes fakes whole", "… %d 行で打ち切りました。なりすましメールの全文は --impersonations で書き出せます"), maxShownLines)
			return
		}
		p.ui.result("%s", view.Source(string(bytes.TrimRight(line, "\r\n")), maxShownLine))
	}
}

// missing says why a message was not found as it was reported.
func (p *program) missing(reason string) string {
	switch reason {
	case "no longer at its place":
		return p.ui.tr(reason, "元の場所にありません")
	case "no longer as it was reported":
		return p.ui.tr(reason, "スキャン後に内容が変わっています")
	case "longer than what is held in memory":
		return p.ui.tr(reason, "大きすぎるため読み込めません")
	case "its id is none":
		return p.ui.tr("its id is not valid", "IDが正しくありません")
	}
	return reason
}
