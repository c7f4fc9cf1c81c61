package main

import (
	"fmt"
	"strings"
	"time"
)

// records is ten months of an ordinary buyer's mail beside what Amazon itself keeps of the account, and a card statement. In
// July somebody ordered three times within an evening and deleted every mail about it, and one charge of August belongs to
// no order. Two orders are split, one is cancelled, one is a pre-order, and one is older than the mailbox: none of that is odd.
func records() tree {
	owner := address{"石井 千夏", "chinatsu.ishii@example.com"}
	amazon := store{"co.jp", "us-west-2", "p0fe", owner, "A1CHINATSUEXAMPLE", gmail}
	s := newSeed("records")
	start := jst("2025-03-01 20:15:00")
	list := ordinary(correspondentsJA()[:4], owner, gmail, start, jst("2025-12-28 00:00:00"))
	table := []string{"Website,Order ID,Order Date,Purchase Order Number,Currency,Unit Price,Unit Price Tax,Shipping Charge,Total Discounts,Total Owed,Shipment Item Subtotal,Shipment Item Subtotal Tax,ASIN,Product Condition,Quantity,Payment Instrument Type,Order Status,Shipment Status,Ship Date,Shipping Option,Shipping Address,Billing Address,Carrier Name & Tracking Number,Product Name,Gift Message,Gift Sender Name,Gift Recipient Contact Details,Item Serial Number"}
	card := []string{"石井　千夏　様,4980-****-****-1234,サンプルカード", "利用日,利用店名・商品名,利用者,支払方法,利用金額,支払手数料,支払総額"}
	row := func(order string, at, ship time.Time, yen int, status, item string) {
		table = append(table, fmt.Sprintf(`"Amazon.co.jp","%s","%s","Not Applicable","JPY","%s","0","0","'0'","%s","%s","0","B0SAMPLE","New","1","Visa - 1234","%s","Shipped","%s","next-jp","Not Available","Not Available","Not Available","%s","Not Available","Not Available","Not Available","Not Available"`,
			order, at.UTC().Format(time.RFC3339), thousands(yen), thousands(yen), thousands(yen), status, ship.UTC().Format("2006-01-02T15:04:05.000Z"), item))
	}
	charge := func(at time.Time, shop string, yen int) {
		card = append(card, fmt.Sprintf("%s,%s,本人,1回払い,%d,0,%d", at.In(time.FixedZone("", 9*3600)).Format("2006/01/02"), shop, yen, yen))
	}
	id := func(n int) string { return fmt.Sprintf("250-%07d-%07d", 4100000+n*7919, 3000000+n*104729) }
	items := []string{"電池 単3 20本", "保存容器 4点セット", "文庫 海辺の町", "USB-Cケーブル 2m", "洗剤 詰め替え", "LED電球 60W形"}
	row(id(0), start.AddDate(0, -4, 0), start.AddDate(0, -4, 1), 2480, "Closed", "古いほうの注文")
	for i := range 28 {
		at := start.AddDate(0, 0, i*10+s.n(5)).Add(time.Duration(s.n(7200)) * time.Second)
		ship, item, yen, order := at.Add(20*time.Hour), items[i%len(items)], 780+s.n(6000), id(i+1)
		if i == 9 { // comes out in autumn
			ship = at.AddDate(0, 3, 0)
		}
		list = append(list, amazon.mail(s, orderPlacedJA(at.Add(40*time.Second), read, owner.name, item, order, yen)))
		if i == 14 {
			row(order, at, ship, yen, "Cancelled", item)
			list = append(list, amazon.mail(s, orderCancelledJA(at.Add(3*time.Hour), read, owner.name, item, order)))
			continue
		}
		if i == 4 || i == 20 { // in two parcels
			row(order, at, ship, 500, "Closed", item)
			row(order, at, ship.AddDate(0, 0, 3), yen-500, "Closed", items[(i+1)%len(items)])
			charge(ship, "AMAZON.CO.JP", 500)
			charge(ship.AddDate(0, 0, 3), "AMAZON.CO.JP", yen-500)
		} else {
			row(order, at, ship, yen, "Closed", item)
			charge(ship, "AMAZON.CO.JP", yen)
		}
		list = append(list, amazon.mail(s, orderShippedJA(ship, read, owner.name, item, order)), amazon.mail(s, orderDeliveredJA(ship.Add(26*time.Hour), read, owner.name, item, order)))
	}
	for i := range 9 {
		charge(jst("2025-03-28 12:00:00").AddDate(0, i, 0), "ローソン", 324+i)
		charge(jst("2025-03-15 12:00:00").AddDate(0, i, 0), "アマゾンプライムカイヒ", 600)
	}
	for i, item := range []string{"ギフトカード 30,000円", "スマートフォン 256GB", "ゲーム機 本体"} {
		at := jst("2025-07-12 02:14:00").Add(time.Duration(i*41) * time.Minute)
		row(id(50+i), at, at.Add(9*time.Hour), 30000+i*25000, "Closed", item)
		charge(at.Add(9*time.Hour), "AMAZON.CO.JP", 30000+i*25000)
	}
	charge(jst("2025-08-20 12:00:00"), "AMAZON.CO.JP", 48600)
	oldestFirst(list)
	text := func(lines []string) []byte { return []byte("\ufeff" + strings.Join(lines, "\r\n") + "\r\n") }
	return tree{
		"mail/inbox.mbox": takeoutMbox(list),
		"Your Orders/Retail.OrderHistory.3/Retail.OrderHistory.3.csv": text(table),
		"Your Orders/card/enavi202512.csv":                            text(card),
	}
}
