//! `stock`: what lies where, now or at an earlier moment.

use chrono::NaiveDate;
use clap::Args;

use super::{must_be_known, print_json};
use crate::cli::json::{StockRow, heard, stock_rows};
use crate::cli::moment::{moment, today};
use crate::cli::reach::Session;
use crate::cli::table::{Align, Table};
use crate::cli::{Desk, Failure, as_of};
use crate::domain::{Product, WarehouseId};
use crate::text::Lang;
use crate::text::number::{decimal, quantity_fixed};
use crate::text::refusal::wrong_barcode;
use crate::text::time::date;

/// What lies where.
#[derive(Debug, Args)]
pub struct Stock {
    /// Only products with these words in SKU, name, barcode, category, lot or shelf; accents and case don't matter
    pub query: Option<String>,
    /// Only this warehouse
    #[arg(long, value_name = "W")]
    pub warehouse: Option<String>,
    /// What lay where at this moment: 2026-05-17, "2026-05-17 14:30", RFC 3339, -7d
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub as_of: Option<String>,
}

/// `stock`
pub(in crate::cli) async fn stock(
    args: Stock,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let warehouse = args.warehouse.as_deref().map(WarehouseId::new).transpose()?;
    let wanted: Vec<String> =
        folded(args.query.as_deref().unwrap_or_default()).split_whitespace().map(str::to_owned).collect();
    let mut products = session.products().await?;
    let peers = session.peers().await?;
    let mut heard = heard(&desk.setting.warehouse, &peers, desk.now_ms);
    if let Some(text) = &args.as_of {
        let at_ms = moment(desk.setting.lang, "--as-of", text, desk.now_ms)?;
        if at_ms > desk.now_ms {
            let message = desk
                .setting
                .lang
                .pick("--as-of: ese momento aún no ha llegado", "--as-of: that moment has not come yet");
            let hint = desk
                .setting
                .lang
                .pick("dé uno pasado, por ejemplo -7d", "give one that is past, such as -7d");
            return Err(Failure::usage(message, Some(hint)));
        }
        let then = session.stock_at(at_ms).await?;
        products = as_of::products(&products, &then);
        for warehouse in heard.values_mut() {
            warehouse.as_of_ms = Some(at_ms);
        }
    }
    let mut rows = Vec::new();
    for product in &products {
        let of_product = stock_rows(product, &desk.setting.warehouse, &heard);
        let texts = product_texts(&product.product);
        rows.extend(of_product.into_iter().filter_map(|row| {
            let here = warehouse.as_ref().is_none_or(|w| row.warehouse == *w);
            (here && is_found(&wanted, &texts, &row)).then_some((row, product.product.decimals))
        }));
    }
    if rows.is_empty()
        && let Some(warehouse) = warehouse
    {
        must_be_known(warehouse, &peers, desk)?;
    }
    let lang = desk.setting.lang;
    if rows.is_empty()
        && let Some(query) = &args.query
        && let Some(why) = wrong_barcode(lang, query)
    {
        writeln!(desk.err, "rubentario: «{query}»: {why}")?;
    }
    if desk.json {
        let rows: Vec<_> = rows.into_iter().map(|(row, _)| row).collect();
        return print_json(desk, &rows);
    }
    stock_table(lang, today(desk.now_ms), &rows)
        .write(desk.out, lang.pick("no hay existencias que mostrar", "no stock to show"))?;
    Ok(())
}

fn product_texts(product: &Product) -> String {
    let mut texts = format!("{}\n{}\n{}", product.sku, product.name, product.category);
    for barcode in &product.barcodes {
        texts.push('\n');
        texts.push_str(&barcode.to_string());
    }
    folded(&texts)
}

fn is_found(wanted: &[String], product: &str, row: &StockRow) -> bool {
    let own = || {
        let lot = row.lot.as_ref().map_or("", |lot| lot.as_str());
        folded(&format!("{lot}\n{}", row.shelf.as_deref().unwrap_or_default()))
    };
    wanted.iter().all(|word| product.contains(word) || own().contains(word))
}

/// Lower case without accents.
fn folded(text: &str) -> String {
    use nucleo_matcher::chars::{normalize, to_lower_case};
    text.chars().map(|c| to_lower_case(normalize(c))).collect()
}

fn stock_table(lang: Lang, today: NaiveDate, rows: &[(StockRow, u8)]) -> Table {
    let expiry = |day: NaiveDate| {
        let mark = if day < today { lang.pick(" caducado", " expired") } else { "" };
        format!("{}{mark}", date(lang, day))
    };
    let mut table = Table::new(&[
        ("SKU", Align::Left),
        (lang.pick("Producto", "Product"), Align::Left),
        (lang.pick("Almacén", "Warehouse"), Align::Left),
        (lang.pick("Lote", "Lot"), Align::Left),
        (lang.pick("Caducidad", "Expiry"), Align::Left),
        (lang.pick("Estantería", "Shelf"), Align::Left),
        (lang.pick("Hay", "On hand"), Align::Right),
        (lang.pick("Disponible", "Available"), Align::Right),
        (lang.pick("En camino", "Incoming"), Align::Right),
        (lang.pick("Punto de pedido", "Reorder point"), Align::Right),
        (lang.pick("Días", "Days"), Align::Right),
    ]);
    for (row, decimals) in rows {
        let qty = |amount| quantity_fixed(lang, amount, *decimals);
        table.row(vec![
            row.sku.to_string(),
            if row.retired {
                format!("{} ({})", row.name, lang.pick("retirado", "retired"))
            } else {
                row.name.clone()
            },
            row.warehouse.to_string(),
            row.lot.as_ref().map_or_else(String::new, ToString::to_string),
            row.expiry.map_or_else(String::new, expiry),
            row.shelf.clone().unwrap_or_default(),
            match row.given_up {
                lost if lost.is_zero() => qty(row.on_hand),
                lost => format!("({} {})", lang.pick("perdido", "given up"), qty(lost)),
            },
            qty(row.available),
            if row.in_transit.is_zero() { String::new() } else { qty(row.in_transit) },
            row.reorder_point.map_or_else(|| "—".to_owned(), qty),
            row.days_of_cover.map_or_else(|| "∞".to_owned(), |days| decimal(lang, days, 1)),
        ]);
    }
    table
}
