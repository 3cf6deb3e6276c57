#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use proptest::prelude::*;

use super::*;

const GS: char = '\u{1d}';

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn scan(text: &str) -> Scan {
    read_scan(text, day(2026, 6, 15))
}

fn read(text: &str) -> Elements {
    match scan(text) {
        Scan::Elements(elements) => *elements,
        other => panic!("{text:?} gave {other:?}"),
    }
}

fn refusal(text: &str) -> ScanError {
    match scan(text) {
        Scan::Refused(error) => error,
        other => panic!("{text:?} gave {other:?}"),
    }
}

#[test]
fn a_label_is_read_alike_typed_and_scanned() {
    let typed = read("(01)20611628936004(30)50(10)LOT0002");
    assert_eq!(typed.item(), Gtin::parse("20611628936004").ok());
    assert_eq!(typed.pieces(), Some(50));
    assert_eq!(typed.lot, Lot::new("LOT0002").ok());
    let raw = format!("01206116289360043050{GS}10LOT0002");
    for prefix in ["", "]C1", "]d2", "]Q3", "\u{1d}", "]d2\u{1d}"] {
        assert_eq!(read(&format!("{prefix}{raw}\r\n")), typed);
    }
    assert_eq!(read(&format!("]C1{raw}{GS}")), typed);
}

#[test]
fn every_typed_value_finds_its_field() {
    let all = read(
        "(00)106141412345678908(02)00036000241457(37)12(10)ab/1.2(11)260101(13)260102(15)260103(16)260104\
         (17)260105(20)07(21)S-1(240)X(3103)001250(400)PO 1"
            .replace("PO 1", "PO-1")
            .as_str(),
    );
    assert_eq!(all.sscc, Sscc::parse("106141412345678908").ok());
    assert_eq!(all.item(), Gtin::parse("036000241457").ok());
    assert_eq!(all.pieces(), Some(12));
    assert_eq!(all.lot, Lot::new("ab/1.2").ok());
    assert_eq!(all.serial.as_deref(), Some("S-1"));
    let days = [all.produced, all.packed, all.best_before, all.sell_by, all.expiry];
    assert_eq!(days, [1, 2, 3, 4, 5].map(|number| Some(day(2026, 1, number))));
    assert_eq!(all.last_day(), Some(day(2026, 1, 5)));
    assert_eq!(all.net_weight.unwrap().grams(), Some(1250));
    let others = [("20", "07"), ("240", "X"), ("400", "PO-1")];
    assert_eq!(all.others, others.map(|(ai, value)| (ai.to_owned(), value.to_owned())));
}

#[test]
fn a_weight_in_finer_steps_than_grams_is_not_rounded() {
    let grams = |text| read(text).net_weight.unwrap().grams();
    assert_eq!(grams("(3100)000012"), Some(12_000));
    assert_eq!(grams("(3105)001200"), Some(12));
    assert_eq!(grams("(3105)001234"), None);
}

#[test]
fn an_identifier_we_have_no_use_for_is_stepped_over() {
    let read = read(&format!("]C10120611628936004395001234{GS}8008260101{GS}91inner{GS}10L1"));
    assert_eq!(read.lot, Lot::new("L1").ok());
    let others = [("3950", "01234"), ("8008", "260101"), ("91", "inner")];
    assert_eq!(read.others, others.map(|(ai, value)| (ai.to_owned(), value.to_owned())));
}

#[test]
fn a_lot_keeps_its_case_and_its_own_parentheses() {
    assert_eq!(read("(10)aB(2)").lot, Lot::new("aB(2)").ok());
    assert_eq!(read("(10)a(x)b(17)270131").expiry, Some(day(2027, 1, 31)));
}

#[test]
fn day_zero_is_the_last_of_the_month() {
    assert_eq!(read("(17)280200").expiry, Some(day(2028, 2, 29)));
    assert_eq!(read("(17)261200").expiry, Some(day(2026, 12, 31)));
}

#[test]
fn a_two_digit_year_lies_from_fifty_before_to_forty_nine_after() {
    let year = |yy: &str, today| match read_scan(&format!("(17){yy}0101"), day(today, 12, 31)) {
        Scan::Elements(elements) => elements.expiry.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(year("76", 2026), day(1976, 1, 1));
    assert_eq!(year("75", 2026), day(2075, 1, 1));
    assert_eq!(year("26", 2026), day(2026, 1, 1));
    assert_eq!(year("99", 2001), day(1999, 1, 1));
    assert_eq!(year("01", 2099), day(2101, 1, 1));
}

#[test]
fn a_plain_barcode_is_an_item_and_other_text_is_text() {
    let milk = Gtin::parse("5901234123457").unwrap();
    assert_eq!(scan("5901234123457\n"), Scan::Item(milk));
    assert_eq!(scan("]E05901234123457"), Scan::Item(milk));
    assert_eq!(scan("96385074"), Scan::Item(Gtin::parse("96385074").unwrap()));
    for text in ["AB-12", "5901234123450", "", "01234567890123456789", "(see note)", "]", "(1) box"] {
        assert_eq!(scan(text), Scan::Text(text.to_owned()));
    }
    assert_eq!(scan("]C0t-000123"), Scan::Text("t-000123".to_owned()));
}

#[test]
fn each_fault_names_its_identifier_and_place() {
    let cases = [
        ("(01)20611628936005", "AI 01 at place 5: the check digit is 5 where 4 was expected"),
        ("(01)2061162893600", "AI 01: 14 characters expected from place 5, 13 found"),
        ("(01)2061162893600X", "AI 01: 'X' at place 18 is not allowed"),
        ("(01)20611628936004(10)", "AI 10: no value at place 23"),
        ("(17)261301", "AI 17 at place 5: 261301 is not a date (YYMMDD)"),
        ("(17)260230", "AI 17 at place 5: 260230 is not a date (YYMMDD)"),
        ("(10)123456789012345678901", "AI 10: at most 20 characters from place 5, 21 found"),
        ("(10)ñ", "AI 10: 'ñ' at place 5 is not allowed"),
        ("(30)123456789", "AI 30: at most 8 characters from place 5, 9 found"),
        ("(10)A(10)B", "AI 10 comes again at place 10 with another value"),
        ("(3102)000001(3103)000010", "AI 3103 comes again at place 19 with another value"),
        ("(414)5901234123450", "AI 414 at place 6: the check digit is 0 where 7 was expected"),
        ("]C10120611628936004055", "\"055\" at place 20 is no application identifier"),
        ("]C1", "an empty scan"),
        ("]d2Z9", "\"Z9\" at place 4 is no application identifier"),
        ("]E05901234123450", "not a barcode: the check digit is 0 where 7 was expected"),
        ("0120611628936004172601", "AI 17: 6 characters expected from place 19, 4 found"),
    ];
    for (text, message) in cases {
        assert_eq!(refusal(text).to_string(), message, "{text:?}");
    }
}

#[test]
fn the_same_value_twice_is_one() {
    assert_eq!(read("(10)A(10)A").lot, Lot::new("A").ok());
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(
        lot in "[A-Za-z0-9/.-]{1,20}", serial in "[A-Z0-9]{1,20}", count in 0_u32..100_000_000, days in 0_i64..17_000
    ) {
        let expiry = day(1980, 1, 1) + chrono::TimeDelta::days(days);
        let date = expiry.format("%y%m%d");
        let printed = format!("(01)20611628936004(17){date}(10){lot}(30){count}(21){serial}");
        let raw = format!("]C1012061162893600417{date}10{lot}{GS}30{count}{GS}21{serial}");
        for text in [printed, raw] {
            let read = read(&text);
            prop_assert_eq!(read.lot.clone(), Lot::new(&lot).ok());
            prop_assert_eq!(read.serial.as_ref(), Some(&serial));
            prop_assert_eq!(read.count, Some(count));
            prop_assert_eq!(read.expiry, Some(expiry));
        }
    }

    #[test]
    fn no_scan_makes_it_panic(text in any::<String>(), near in "(\\]C1)?[()0-9A-Z\u{1d}ñ]{0,40}", year in 1_i32..9999) {
        let today = day(year, 2, 28);
        let _ = read_scan(&text, today);
        let _ = read_scan(&near, today);
        let _ = read_elements(&format!("]C1{text}"), today);
        let _ = read_elements(&near, today);
    }

    #[test]
    fn text_without_marks_is_left_as_it_is(text in "[A-Za-z][A-Za-z0-9 -]{0,30}[A-Za-z0-9]") {
        prop_assert_eq!(scan(&text), Scan::Text(text));
    }
}
