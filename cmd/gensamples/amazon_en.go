package main

import (
	"fmt"
	"time"
)

// The words of Amazon.com's notices, written for the samples; only the phrases by which a notice is known are Amazon's.

func orderPlacedEN(at time.Time, b box, name, item, order string, cents int) notice {
	return notice{at: at, box: b, from: "auto-confirm", tld: "com", subject: fmt.Sprintf("Ordered: %q", item), plain: fmt.Sprintf(`Thanks for your order, %s!

Order # %s
%s
Grand Total: $%d.%02d

View or edit order
https://www.amazon.com/gp/css/order-details?orderId=%s
`, name, order, item, cents/100, cents%100, order)}
}

func orderShippedEN(at time.Time, b box, name, item, order string) notice {
	return notice{at: at, box: b, from: "shipment-tracking", tld: "com", subject: fmt.Sprintf("Shipped: %q", item), plain: fmt.Sprintf(`Hi %s, your package was shipped!

Order # %s
%s

Track package
https://www.amazon.com/gp/your-account/ship-track?orderId=%s
`, name, order, item, order)}
}

func orderDeliveredEN(at time.Time, b box, name, item, order string) notice {
	return notice{at: at, box: b, from: "order-update", tld: "com", subject: fmt.Sprintf("Delivered: %q", item), plain: fmt.Sprintf(`Hi %s, your package was delivered!

Order # %s
%s
`, name, order, item)}
}

func orderCancelledEN(at time.Time, b box, name, item, order string) notice {
	return notice{at: at, box: b, from: "order-update", tld: "com", subject: "Your Amazon.com order #" + order + " has been cancelled", plain: fmt.Sprintf(`Hello %s,

We've cancelled the order below. You have not been charged for it.

Order # %s
%s

https://www.amazon.com/gp/css/order-details?orderId=%s
`, name, order, item, order)}
}

func signinEN(at time.Time, b box, name, device, near string) notice {
	return notice{at: at, box: b, from: "account-update", tld: "com", subject: "amazon.com: Sign-in attempt", plain: fmt.Sprintf(`%s,

Someone who knows your password is attempting to sign-in to your account.

When: %s Pacific Standard Time
Device: %s
Near: %s

If this was you, your verification code is: %s

If this wasn't you, deny the sign-in here
https://www.amazon.com/a/c/r/%s
`, name, at.In(time.FixedZone("", -8*3600)).Format("Jan 2, 2006 3:04 PM"), device, near, newSeed("otp"+at.String()).digits(6),
		newSeed(name+device+at.String()).letters("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", 24))}
}

// revisionEN is the notice whose one subject serves many events; the body says which.
func revisionEN(at time.Time, b box, name, what string) notice {
	return notice{at: at, box: b, from: "account-update", tld: "com", subject: "Revision to Your Amazon.com Account", plain: fmt.Sprintf(`Dear %s,

Thanks for visiting Amazon.com! Per your request, we have %s.

If you did not make this change, contact us from the help pages of your account.
https://www.amazon.com/gp/help/customer/contact-us

Thanks again for shopping with us.
Amazon.com
`, name, what)}
}

func giftCardEN(at time.Time, b box, name, amount, to string) notice {
	return notice{at: at, box: b, from: "gc-orders", tld: "com", subject: "Your Amazon.com Gift Card has been sent", plain: fmt.Sprintf(`Hello %s,

Your gift card for %s was sent by e-mail to %s.

https://www.amazon.com/gp/css/gc/balance
`, name, amount, to)}
}

func takeoverResponseEN(at time.Time, b box, name string) notice {
	return notice{at: at, box: b, from: "account-update", tld: "com", subject: "Important information about your Amazon account", plain: fmt.Sprintf(`Hello %s,

We believe that an unauthorized party may have accessed your account. To protect your information, we have:

-- Disabled the password to your account. You can no longer use the same password.
-- Reversed any changes made by this party.
-- Cancelled any pending orders.

Please reset your password from the sign-in page.
https://www.amazon.com/ap/forgotpassword

Sincerely,
Account Specialist
Amazon.com
`, name)}
}

func primeRenewalEN(at time.Time, b box, name string) notice {
	return notice{at: at, box: b, from: "prime", tld: "com", subject: "Your Prime membership will renew soon", plain: fmt.Sprintf(`Hi %s,

Your Prime membership renews on %s for $139.00 plus taxes.

https://www.amazon.com/gp/primecentral
`, name, at.AddDate(0, 0, 14).Format("January 2, 2006"))}
}
