package main

import (
	"fmt"
	"time"
)

// The words of Amazon.co.jp's notices. They are written for the samples; only the phrases by which a notice is known
// (the data of analyzer/event) are Amazon's.

func orderPlacedJA(at time.Time, b box, name, item, order string, yen int) notice {
	return notice{at: at, box: b, from: "auto-confirm", subject: "注文済み: 「" + item + "」", plain: fmt.Sprintf(`%s様

Amazon.co.jpをご利用いただき、ありがとうございます。ご注文を承りました。

注文番号 %s
%s
合計 ￥%s

注文の詳細を見る
https://www.amazon.co.jp/gp/css/order-details?orderId=%s

またのご利用をお待ちしております。
Amazon.co.jp
`, name, order, item, thousands(yen), order)}
}

func orderShippedJA(at time.Time, b box, name, item, order string) notice {
	return notice{at: at, box: b, from: "shipment-tracking", subject: "発送済み: 「" + item + "」", plain: fmt.Sprintf(`%s様

ご注文の商品を発送しました。
注文番号 %s
%s

配送状況を確認する
https://www.amazon.co.jp/gp/your-account/ship-track?orderId=%s
`, name, order, item, order)}
}

func orderDeliveredJA(at time.Time, b box, name, item, order string) notice {
	return notice{at: at, box: b, from: "order-update", subject: "配達済み: 「" + item + "」", plain: fmt.Sprintf(`%s様

お荷物をお届けしました。
注文番号 %s
%s

注文の詳細を見る
https://www.amazon.co.jp/gp/css/order-details?orderId=%s
`, name, order, item, order)}
}

func orderCancelledJA(at time.Time, b box, name, item, order string) notice {
	return notice{at: at, box: b, from: "order-update", subject: "キャンセル済み: 「" + item + "」", plain: fmt.Sprintf(`%s様

以下のご注文はキャンセルされました。商品の代金は請求されません。

注文番号 %s
%s

注文の詳細を見る
https://www.amazon.co.jp/gp/css/order-details?orderId=%s
`, name, order, item, order)}
}

func signinJA(at time.Time, b box, name, device, near string) notice {
	return notice{at: at, box: b, from: "account-update", subject: "amazon.co.jp: サインイン試行", plain: fmt.Sprintf(`%s,

パスワードを知っているユーザーがあなたのアカウントにサインインしようとしています。

日時: %s Japan Standard Time
デバイス: %s
付近: %s

サインインを承認または拒否するには、次のリンクを開いてください。
https://www.amazon.co.jp/a/c/r/%s

お客様ご本人であった場合、確認コードは %s です。このコードを他の人に教えないでください。
`, name, at.In(time.FixedZone("", 9*3600)).Format("Jan 2, 2006 3:04 PM"), device, near, newSeed(name+device+at.String()).letters("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", 24), newSeed("otp"+at.String()).digits(6))}
}

func primeJoinedJA(at time.Time, b box, name string) notice {
	return notice{at: at, box: b, from: "prime", subject: "Amazonプライムへようこそ", plain: fmt.Sprintf(`%s様

Amazonプライムにご登録いただき、ありがとうございます。
プライム会員の特典を、今日からご利用いただけます。会費は月額600円（税込）です。

会員情報を見る
https://www.amazon.co.jp/gp/primecentral

Amazonプライム
`, name)}
}

func primeCancelledJA(at time.Time, b box, name string) notice {
	return notice{at: at, box: b, from: "prime", subject: "Amazonプライム会員資格のキャンセルを承りました", plain: fmt.Sprintf(`%s様

お客様のご要望により、Amazonプライムの会員資格をキャンセルいたしました。
会員特典は本日をもって終了します。会費は返金されます。

会員情報を見る
https://www.amazon.co.jp/gp/primecentral

Amazonプライム
`, name)}
}

func accountChangedJA(at time.Time, b box, name string) notice {
	return notice{at: at, box: b, from: "account-assist", subject: "お客様のAmazon.co.jpアカウントに対する最近の変更", plain: fmt.Sprintf(`%s様

お客様のAmazon.co.jpアカウントに対して、最近変更が行われました。

この変更に心当たりがない場合は、アカウントを保護するため、カスタマーサービスまでご連絡ください。
ご連絡先は、アカウントサービスの「ヘルプ」からご確認いただけます。
https://www.amazon.co.jp/gp/help/customer/contact-us

Amazon.co.jp カスタマーサービス
`, name)}
}

func takeoverResponseJA(at time.Time, b box, name string) notice {
	return notice{at: at, box: b, from: "cs-reply", subject: "お客様のAmazon.co.jpアカウントについて", plain: fmt.Sprintf(`%s様

Amazon.co.jp カスタマーサービスです。

お客様のアカウントが、第三者により無断でアクセスされた可能性があることを確認いたしました。
お客様の安全のため、次の対応を行いました。

・お客様のアカウントのパスワードを無効にいたしました。
・発送前の注文はすべてキャンセルいたしました。
・第三者による登録内容の変更を、元に戻しました。

お手数ですが、アカウントサービスからパスワードを再設定してください。
https://www.amazon.co.jp/gp/css/homepage.html

ほかのサイトで同じパスワードをお使いの場合は、そちらも変更されることをおすすめします。

Amazon.co.jp カスタマーサービス
`, name)}
}

func passwordChangedJA(at time.Time, b box, name string) notice {
	return notice{at: at, box: b, from: "account-update", subject: "Amazon.co.jpのアカウントの修正", plain: fmt.Sprintf(`%s様

お客様のリクエストに沿って、パスワードを再設定いたしました。

この変更に心当たりがない場合は、カスタマーサービスまでご連絡ください。
https://www.amazon.co.jp/gp/help/customer/contact-us

Amazon.co.jp
`, name)}
}

func emailChangedJA(at time.Time, b box, name, before, after string) notice {
	return notice{at: at, box: b, from: "account-update", subject: "Amazon.co.jpのアカウントの修正", plain: fmt.Sprintf(`%s様

ご要望の通り、アカウントに登録されているEメールアドレスを変更いたしました。
ご登録のEメールアドレスは %s から %s に変更されました。

この変更に心当たりがない場合は、カスタマーサービスまでご連絡ください。
https://www.amazon.co.jp/gp/help/customer/contact-us

Amazon.co.jp
`, name, before, after)}
}

func passwordResetJA(at time.Time, b box, name string) notice {
	return notice{at: at, box: b, from: "account-update", subject: "amazon.co.jp：パスワード回復", plain: fmt.Sprintf(`%s様

誰かがお客様のアカウントサービスのパスワードをリセットしようとしています。

お客様ご本人であった場合、確認コードは %s です。
心当たりがない場合は、このEメールを無視してください。
`, name, newSeed("reset"+at.String()).digits(6))}
}

func awarenessJA(at time.Time, b box, name string) notice {
	return notice{at: at, box: b, from: "store-news", subject: "Amazonを装った不審なメール等にご注意ください", plain: fmt.Sprintf(`%s様

Amazonをかたる不審なEメールやSMSが確認されています。
Amazonからの重要なお知らせは、アカウントサービスの「メッセージセンター」でご確認いただけます。
https://www.amazon.co.jp/gp/message

Amazon.co.jp
`, name)}
}

func storeNewsJA(at time.Time, b box, name, subject string) notice {
	return notice{at: at, box: b, from: "store-news", subject: subject, plain: fmt.Sprintf(`%s様

今週のおすすめ商品をご案内します。
https://www.amazon.co.jp/b?node=3210981

配信の停止はこちら
https://www.amazon.co.jp/gp/gss/o/1
`, name)}
}

func primeFeeJA(at time.Time, b box, name string) notice {
	return notice{at: at, box: b, from: "prime", subject: "Amazonプライム会費のお支払いを承りました", plain: fmt.Sprintf(`%s様

Amazonプライム会費 600円（税込）を、ご登録のお支払い方法に請求いたしました。
次回のお支払い日は %s です。

会員情報を見る
https://www.amazon.co.jp/gp/primecentral
`, name, at.In(time.FixedZone("", 9*3600)).AddDate(0, 1, 0).Format("2006年1月2日"))}
}

// thousands writes 12345 as 12,345.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
