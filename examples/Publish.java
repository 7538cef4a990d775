// Publishes one signed request to Kafka: Publish.java HOST:PORT AGENCY MESSAGE, with the agency's key in PARVIS_AGENCY_KEY.

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Publish {
    static final String TOPIC = "parvis.requests.received.v1";

    public static void main(String[] arguments) throws Exception {
        String bootstrap = arguments[0], agency = arguments[1], message = arguments[2];
        String requestId = UUID.randomUUID().toString(); // choose it once and keep it: sent again with the same id, it is the same request
        // With a JSON library in your program, use that instead.
        String json = """
            {"request_id": "%s", "agency": "%s", "channel": "web", "received_at": "%s", "body": "%s",
             "citizen": {"name": "Jane Doe", "email": "jane.doe@example.org"}}"""
            .formatted(requestId, agency, Instant.now(), escaped(message));
        byte[] value = json.getBytes(UTF_8);

        byte[] signingKey = hmac(System.getenv("PARVIS_AGENCY_KEY").getBytes(UTF_8), TOPIC.getBytes(UTF_8));
        String signature = "v1," + Base64.getEncoder().encodeToString(hmac(signingKey, value));

        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "acks", "all");
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            var record = new ProducerRecord<>(TOPIC, requestId.getBytes(UTF_8), value);
            record.headers().add("content-type", "application/json".getBytes(UTF_8));
            record.headers().add("parvis-agency-signature", signature.getBytes(UTF_8));
            producer.send(record).get();
        }
        System.out.println(requestId);
    }

    static byte[] hmac(byte[] key, byte[] bytes) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(bytes);
    }

    static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
    }
}
